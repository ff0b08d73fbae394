import { frameToPng, renderFrame, type SceneNode } from '../../../render/index.js';
import type { LabelText } from './label-text.js';
import { LABEL_GAP_MM, LABEL_PADDING_MM, partsOf, type Sheet } from './sheets.js';

const DOTS_PER_MM = 300 / 25.4;
const TITLE_MM = 4;
const INKS = ['black', 'white'] as const;

const px = (mm: number) => Math.round(mm * DOTS_PER_MM);

/**
 * One page of labels at 300 dots an inch; a place without a label stays white.
 * @throws RenderError
 */
export async function labelPagePng(labels: readonly (LabelText | undefined)[], sheet: Sheet): Promise<Uint8Array> {
  const { columns, rows, labelHeight, left, top, gap } = sheet;
  const lines = Array.from({ length: rows }, (_, row): SceneNode => {
    const inRow = labels.slice(row * columns, (row + 1) * columns);
    return {
      type: 'row',
      height: px(labelHeight),
      gap: px(gap),
      children: inRow.map((text) => labelNode(text, sheet)),
    };
  });
  const padding = { left: px(left), top: px(top) };
  return await png({ type: 'column', padding, children: lines }, px(sheet.pageWidth), px(sheet.pageHeight));
}

/**
 * A QR code alone, as large as it is to be on paper.
 * @throws RenderError
 */
export async function qrPng(text: string, sideMm: number): Promise<Uint8Array> {
  return await png({ type: 'qr', text }, px(sideMm), px(sideMm));
}

function labelNode(text: LabelText | undefined, sheet: Sheet): SceneNode {
  const width = px(sheet.labelWidth);
  if (text === undefined) return { type: 'column', width, children: [] };
  const { sideMm, letterMm } = partsOf(sheet, text.lines);
  // A pixel less, since letters are as wide as whole pixels.
  const size = Math.floor(letterMm * DOTS_PER_MM) - 1;
  const line = (words: string): SceneNode => ({ type: 'text', text: words, face: 'mono', size, wrap: false });
  const title: SceneNode = { type: 'text', text: text.title, bold: true, size: px(TITLE_MM), wrap: false };
  const words: SceneNode = {
    type: 'column',
    grow: 1,
    gap: px(LABEL_GAP_MM),
    justify: 'centre',
    children: [title, ...text.lines.map(line)],
  };
  const qr: SceneNode = { type: 'qr', text: text.qr, width: px(sideMm), height: px(sideMm) };
  const padding = px(LABEL_PADDING_MM);
  return { type: 'row', width, padding, gap: px(LABEL_GAP_MM), align: 'stretch', children: [qr, words] };
}

async function png(root: SceneNode, width: number, height: number): Promise<Uint8Array> {
  const frame = await renderFrame(
    { kind: 'scene', scene: { version: 1, root }, assets: {} },
    { width, height, inks: INKS },
  );
  return await frameToPng(frame, INKS);
}
