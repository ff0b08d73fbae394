import sharp from 'sharp';
import { expect, test } from 'vitest';
import { iconMask } from './icon-mask.js';
import { ICON_PATHS } from './icon-paths.js';
import { ICON_NAMES } from './names.js';

/** Shares of pixels in which two drawings may differ: edges that cover a pixel by half. */
const MOST_DIFFERENT = 0.01;

test.each([24, 96])('at %i pixels every icon covers what librsvg draws of its outline', async (sizePx) => {
  for (const name of ICON_NAMES) {
    const { bits } = iconMask(name, sizePx);
    const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="${sizePx}" height="${sizePx}" viewBox="0 0 24 24"><path d="${ICON_PATHS[name].path}"/></svg>`;
    const cover = await sharp(Buffer.from(svg)).extractChannel(3).raw().toBuffer();
    const stride = Math.ceil(sizePx / 8);
    let wrong = 0;
    for (const [at, alpha] of cover.entries()) {
      const x = at % sizePx;
      const isSet = (((bits[Math.floor(at / sizePx) * stride + (x >> 3)] ?? 0) >> (7 - (x & 7))) & 1) === 1;
      // Half covered counts either way: the two round differently.
      if (isSet !== alpha >= 128 && Math.abs(alpha - 128) > 12) wrong += 1;
    }
    expect(wrong / cover.length, name).toBeLessThan(MOST_DIFFERENT);
  }
});

test.each([1, 7, 16, 256])('an icon of %i pixels has something to show', (sizePx) => {
  for (const name of ICON_NAMES) {
    const mask = iconMask(name, sizePx);
    expect(mask).toMatchObject({ width: sizePx, height: sizePx });
    if (sizePx >= 16)
      expect(
        mask.bits.some((byte) => byte !== 0),
        name,
      ).toBe(true);
  }
});
