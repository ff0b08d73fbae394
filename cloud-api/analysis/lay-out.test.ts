import { describe, expect, test } from 'vitest';
import { layOut, layOutPicture, type ReadAsset } from './lay-out.js';

const EMPTY = {
  text: null,
  url: null,
  filename: null,
  contentType: null,
  sizeBytes: null,
  sha256: null,
  problem: null,
};
const text = (words: string, assetIndex = 0): ReadAsset => ({ ...EMPTY, assetIndex, type: 'text', text: words });
const link = (url: string, assetIndex = 0): ReadAsset => ({ ...EMPTY, assetIndex, type: 'link', url });
const file = (contentType: string, words: string | null): ReadAsset => ({
  ...EMPTY,
  ...{ assetIndex: 1, type: 'file', filename: 'report', contentType, sizeBytes: 9, text: words },
});
const picture = (problem: string | null = null): ReadAsset => ({
  ...EMPTY,
  ...{ assetIndex: 0, type: 'image', filename: 'a.png', contentType: 'image/png', sizeBytes: 9, problem },
  sha256: 'a'.repeat(64),
});

function laid(assets: ReadAsset[], title: string | null = null) {
  return layOut([{ title: null, assets }], title);
}

describe('the rules', () => {
  test('a short line alone stands in the middle, a longer text begins at the start', () => {
    expect(laid([text('Bread rises at seven')])).toMatchObject({ ok: true, page: { align: 'centre', title: null } });
    expect(laid([text('Bread\nrises')])).toMatchObject({ ok: true, page: { align: 'start' } });
  });

  test('a link is a QR code with its address beside it, and a second one says that it has none', () => {
    const result = laid([link('https://example.org/a'), link('https://example.org/b', 1)], 'Read');
    expect(result).toMatchObject({
      ok: true,
      page: { title: 'Read', qr: 'https://example.org/a', text: 'https://example.org/a\n\nhttps://example.org/b' },
      warnings: [expect.stringMatching(/first link/)],
    });
  });

  test('an address that no QR code holds on e-ink is shown as text, and a warning says so', () => {
    const url = `https://example.org/${'a'.repeat(1500)}`;
    expect(laid([link(url)])).toMatchObject({
      ok: true,
      page: { qr: null, text: url },
      warnings: [expect.any(String)],
    });
  });

  test('a text file is laid out, a PDF is refused by its name', () => {
    expect(laid([file('text/markdown', '# Milk')])).toMatchObject({ ok: true, page: { text: '# Milk' } });
    expect(laid([text('x'), file('application/pdf', null)])).toMatchObject({
      ok: false,
      failure: { code: 'no_presentable_content', assetIndex: 1, message: expect.stringMatching(/report.*pdf/) },
    });
  });

  test('what cannot be seen is no content: blanks and control characters alone are refused', () => {
    for (const words of [' \n\t ', '\u0007\u0008']) {
      expect(laid([text(words)])).toMatchObject({ ok: false, failure: { code: 'no_presentable_content' } });
    }
  });

  test('control characters vanish and line ends become one kind', () => {
    expect(laid([text('a\r\nb\u0007\rc\td')])).toMatchObject({ ok: true, page: { text: 'a\nb\nc\td' } });
  });

  test('a text that is too long for a page is cut between characters, and a warning says so', () => {
    const result = laid([text('\u{1f35e}'.repeat(20_000))]);
    expect(result).toMatchObject({ ok: true, warnings: [expect.stringMatching(/40000 characters/)] });
    const page = result.ok ? result.page.text : '';
    expect(page).toHaveLength(19_999);
    expect(page?.endsWith('\u{1f35e}…')).toBe(true);
  });

  test('several contents keep their titles above their texts', () => {
    const contents = [
      { title: 'Today', assets: [text('Rain')] },
      { title: null, assets: [text('Milk')] },
    ];
    expect(layOut(contents, null)).toMatchObject({ ok: true, page: { title: null, text: 'Today\n\nRain\n\nMilk' } });
  });

  test('a page holds as many pictures as a hub can have in memory, and says how many', () => {
    const large = Array.from({ length: 6 }, () => ({ ...picture(), sizeBytes: 10 * 1024 * 1024 }));
    const result = laid(large);
    expect(result.ok && result.page.pictures).toHaveLength(4);
    expect(result).toMatchObject({ warnings: [expect.stringMatching(/first 4 pictures/)] });
  });

  test('a picture that cannot be read fails as an invalid asset, with what is wrong', () => {
    const failed = {
      ok: false,
      failure: { code: 'invalid_asset', assetIndex: 0, message: expect.stringMatching(/ends early/) },
    };
    expect(layOutPicture(picture('it ends early'))).toMatchObject(failed);
    expect(laid([picture('it ends early')])).toMatchObject(failed);
    expect(layOutPicture(picture())).toMatchObject({ ok: true, page: { title: null, text: null, fit: 'fit' } });
  });
});
