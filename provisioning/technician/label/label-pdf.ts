import { buffer } from 'node:stream/consumers';
import PDFDocument from 'pdfkit';
import { qrPng } from './label-png.js';
import type { LabelText } from './label-text.js';
import { LABEL_GAP_MM, LABEL_PADDING_MM, partsOf, placeOf, type Sheet } from './sheets.js';

const POINTS_PER_MM = 72 / 25.4;
const TITLE_PT = 11;
const LINE_GAP = 1.5;

const pt = (mm: number) => mm * POINTS_PER_MM;

/**
 * Sheets of labels for a printer, in real size; `skip` places of the first stay free.
 * @throws RenderError
 */
export async function labelsPdf(
  labels: readonly LabelText[],
  { sheet, skip, madeAt }: { sheet: Sheet; skip: number; madeAt: Date },
): Promise<Uint8Array> {
  const info = { Title: 'Inklet labels', CreationDate: madeAt };
  const document = new PDFDocument({ autoFirstPage: false, margin: 0, info });
  const written = buffer(document);
  let pages = 0;
  for (const [at, label] of labels.entries()) {
    const { page, x, y } = placeOf(sheet, at + skip);
    for (; pages <= page; pages += 1)
      document.addPage({ size: [pt(sheet.pageWidth), pt(sheet.pageHeight)], margin: 0 });
    await drawLabel(document, label, sheet, { x, y });
  }
  document.end();
  return await written;
}

async function drawLabel(
  document: PDFKit.PDFDocument,
  { qr, title, lines }: LabelText,
  sheet: Sheet,
  { x, y }: { x: number; y: number },
): Promise<void> {
  const { sideMm, letterMm } = partsOf(sheet, lines);
  const side = pt(sideMm);
  const image = Buffer.from(await qrPng(qr, sideMm));
  document.image(image, pt(x + LABEL_PADDING_MM), pt(y + LABEL_PADDING_MM), { width: side, height: side });
  const left = pt(x + LABEL_PADDING_MM + sideMm + LABEL_GAP_MM);
  const linePt = pt(letterMm);
  const height = (TITLE_PT + lines.length * linePt) * LINE_GAP;
  let top = pt(y) + (pt(sheet.labelHeight) - height) / 2;
  document.font('Helvetica-Bold').fontSize(TITLE_PT).text(title, left, top, { lineBreak: false });
  top += TITLE_PT * LINE_GAP;
  document.font('Courier').fontSize(linePt);
  for (const line of lines) {
    document.text(line, left, top, { lineBreak: false });
    top += linePt * LINE_GAP;
  }
}
