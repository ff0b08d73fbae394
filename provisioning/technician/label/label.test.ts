import { inflateSync } from 'node:zlib';
import jsQR from 'jsqr';
import sharp, { type Sharp } from 'sharp';
import { expect, test } from 'vitest';
import { landingLink } from '../../hw-id/index.js';
import { labelsPdf } from './label-pdf.js';
import { labelPagePng } from './label-png.js';
import { labelText } from './label-text.js';
import { pagesOf, placeOf, SHEET_NAMES, SHEETS } from './sheets.js';

const DOTS_PER_MM = 300 / 25.4;
const dots = (mm: number) => Math.floor(mm * DOTS_PER_MM);
const MADE_AT = new Date('2026-03-01T10:00:00.000Z');

const labels = Array.from({ length: 25 }, (_, at) =>
  labelText({ hwId: at.toString(16).padStart(20, '0'), model: 1, batch: 7 }, 'https://ink.let/h'),
);

/** What a telephone reads from a picture, or from a part of it. */
async function scanned(picture: Sharp): Promise<string | undefined> {
  const { data, info } = await picture.toColourspace('srgb').ensureAlpha().raw().toBuffer({ resolveWithObject: true });
  return jsQR.default(new Uint8ClampedArray(data), info.width, info.height)?.data;
}

// Symptom: the page that a label's QR code opened did not know which hub it was held against.
test('a label says who the hub is, and opens the page that its tag opens', () => {
  const facts = { hwId: '00112233445566778899', model: 3, batch: 513 };
  expect(labelText(facts, 'https://ink.let/h')).toEqual({
    qr: 'https://ink.let/h#aaisem2ekvthpcez',
    title: 'Inklet hub',
    lines: ['inklet-aaisem2ekvthpcez', '00112233445566778899', 'model 3, batch 513'],
  });
  expect(labelText(facts, 'https://ink.let/h').qr).toBe(landingLink('https://ink.let/h', facts.hwId));
  expect(labelText({ hwId: facts.hwId }, 'https://ink.let/h').lines).toHaveLength(2);
});

test.each(SHEET_NAMES)('each label of a sheet %s is read by a telephone', async (name) => {
  const sheet = SHEETS[name];
  const [page = []] = pagesOf(labels, sheet, 0);
  const png = await labelPagePng(page, sheet);
  const read = [];
  for (const place of page.keys()) {
    const { x, y } = placeOf(sheet, place);
    const [left, top] = [dots(x), dots(y)];
    const area = { left, top, width: dots(x + sheet.labelWidth) - left, height: dots(y + sheet.labelHeight) - top };
    read.push(await scanned(sharp(png).extract(area)));
  }
  expect(read).toEqual(page.map((label) => label?.qr));
});

test('places that are used already stay free, and what does not fit goes on the next sheet', async () => {
  const pages = pagesOf(labels, SHEETS['a4-24'], 2);
  expect(pages.map((page) => page.length)).toEqual([24, 3]);
  expect(pages[0]?.slice(0, 3)).toEqual([undefined, undefined, labels[0]]);
  const free = await labelPagePng(pages[0] ?? [], SHEETS['a4-24']);
  const area = { left: 0, top: 0, width: 1600, height: 430 };
  const pixels = await sharp(free).extract(area).toColourspace('srgb').raw().toBuffer();
  expect(pixels.every((value) => value === 255)).toBe(true);
});

test('a PDF has a label for each, with its QR code and its words, in real size', async () => {
  const pdf = Buffer.from(await labelsPdf(labels, { sheet: SHEETS['a4-21'], skip: 0, madeAt: MADE_AT }));
  const source = pdf.toString('latin1');
  expect(source.match(/\/MediaBox \[0 0 595\.\d+ 841\.\d+\]/g)).toHaveLength(2);
  const codes = [];
  for (const image of imagesIn(pdf)) codes.push(await scanned(image.extend({ ...EDGE, background: 'white' })));
  expect(codes).toEqual(labels.map(({ qr }) => qr));
  const words = wordsIn(pdf);
  for (const { title, lines } of labels) for (const line of [title, ...lines]) expect(words).toContain(line);
});

const EDGE = { top: 20, bottom: 20, left: 20, right: 20 };

/** The rows of pictures of one bit a pixel, which a PDF holds as a PNG does: a filter byte, and the bits. */
function imagesIn(pdf: Buffer): Sharp[] {
  return streamsIn(pdf).flatMap(({ head, bytes }) => {
    if (!head.includes('/Subtype /Image')) return [];
    const [width = 0, height = 0] = [/\/Width (\d+)/, /\/Height (\d+)/].map((field) => Number(field.exec(head)?.[1]));
    const stride = Math.ceil(width / 8) + 1;
    const grey = Buffer.alloc(width * height);
    for (let y = 0; y < height; y += 1) {
      for (let x = 0; x < width; x += 1) {
        const bits = bytes[y * stride + 1 + (x >> 3)] ?? 0;
        grey[y * width + x] = (bits >> (7 - (x & 7))) & 1 ? 255 : 0;
      }
    }
    return [sharp(grey, { raw: { width, height, channels: 1 } })];
  });
}

/** The texts of the pages, which stand there in hex, with spaces for the gaps. */
function wordsIn(pdf: Buffer): string {
  const texts = streamsIn(pdf).flatMap(({ bytes }) => [
    ...bytes.toString('latin1').matchAll(/\[((?:<[0-9a-f]*>|[-\d. ])*)\] TJ/g),
  ]);
  return texts
    .map(([, pieces = '']) => {
      const hex = [...pieces.matchAll(/<([0-9a-f]*)>/g)].map(([, part = '']) => part).join('');
      return Buffer.from(hex, 'hex').toString('latin1');
    })
    .join('\n');
}

function streamsIn(pdf: Buffer): { head: string; bytes: Buffer }[] {
  const source = pdf.toString('latin1');
  return [...source.matchAll(/<<((?:(?!endobj)[\s\S])*?)>>\nstream\n/g)].flatMap(
    ({ 0: whole, 1: head = '', index }) => {
      const length = Number(/\/Length (\d+)/.exec(head)?.[1]);
      const raw = pdf.subarray(index + whole.length, index + whole.length + length);
      return head.includes('FlateDecode') ? [{ head, bytes: inflateSync(raw) }] : [];
    },
  );
}
