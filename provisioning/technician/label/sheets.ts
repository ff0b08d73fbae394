/** A sheet of labels, in millimetres. */
export type Sheet = {
  pageWidth: number;
  pageHeight: number;
  columns: number;
  rows: number;
  labelWidth: number;
  labelHeight: number;
  /** To the first label. */
  left: number;
  top: number;
  /** Between two columns; rows touch. */
  gap: number;
  what: string;
};

/** The sheets and rolls that labels are printed on. */
export const SHEETS = {
  'a4-21': {
    pageWidth: 210,
    pageHeight: 297,
    columns: 3,
    rows: 7,
    labelWidth: 63.5,
    labelHeight: 38.1,
    left: 7.2,
    top: 15.1,
    gap: 2.5,
    what: 'A4, 3 x 7 of 63.5 x 38.1 mm (Avery L7160)',
  },
  'a4-24': {
    pageWidth: 210,
    pageHeight: 297,
    columns: 3,
    rows: 8,
    labelWidth: 70,
    labelHeight: 37,
    left: 0,
    top: 0.5,
    gap: 0,
    what: 'A4, 3 x 8 of 70 x 37 mm (Avery 3474)',
  },
  roll: {
    pageWidth: 62,
    pageHeight: 29,
    columns: 1,
    rows: 1,
    labelWidth: 62,
    labelHeight: 29,
    left: 0,
    top: 0,
    gap: 0,
    what: 'a label printer, 62 x 29 mm (Brother DK-11209)',
  },
} as const satisfies Record<string, Sheet>;

export const SHEET_NAMES = ['a4-21', 'a4-24', 'roll'] as const satisfies readonly (keyof typeof SHEETS)[];

/** Printers do not print up to the edge, nor to the tenth of a millimetre. */
export const LABEL_PADDING_MM = 3;

/** Where on its page the label of a place is, from the top left. */
export function placeOf(sheet: Sheet, place: number): { page: number; x: number; y: number } {
  const onPage = place % (sheet.columns * sheet.rows);
  return {
    page: Math.floor(place / (sheet.columns * sheet.rows)),
    x: sheet.left + (onPage % sheet.columns) * (sheet.labelWidth + sheet.gap),
    y: sheet.top + Math.floor(onPage / sheet.columns) * sheet.labelHeight,
  };
}

/** The labels page by page, with the places that are left free on the first. */
export function pagesOf<T>(labels: readonly T[], sheet: Sheet, skip: number): (T | undefined)[][] {
  const all = [...Array.from({ length: skip }, () => undefined), ...labels];
  const perPage = sheet.columns * sheet.rows;
  return Array.from({ length: Math.ceil(all.length / perPage) }, (_, page) =>
    all.slice(page * perPage, (page + 1) * perPage),
  );
}

/** Between the QR code and the words. */
export const LABEL_GAP_MM = 1;

/** Width of a letter of a face in which all are as wide, by its size: Courier, JetBrains Mono. */
const LETTER_SHARE = 0.6;
const LARGEST_LETTER_MM = 2.6;

/** Sides of the QR code, room of the words, and the size in which every line fits. */
export function partsOf({ labelWidth, labelHeight }: Sheet, lines: readonly string[]) {
  const sideMm = labelHeight - 2 * LABEL_PADDING_MM;
  const wordsMm = labelWidth - 2 * LABEL_PADDING_MM - sideMm - LABEL_GAP_MM;
  const longest = Math.max(1, ...lines.map((line) => line.length));
  return { sideMm, wordsMm, letterMm: Math.min(LARGEST_LETTER_MM, wordsMm / (longest * LETTER_SHARE)) };
}
