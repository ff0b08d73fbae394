import {
  type Failure,
  MAX_PAGE_TEXT_CHARACTERS,
  type Page,
  PageSchema,
  PictureRefSchema,
} from '../../contract/index.js';

/** A content as the rules read it: text files with their text. */
export type ReadContent = { title: string | null; assets: readonly ReadAsset[] };

export type ReadAsset = {
  assetIndex: number;
  type: 'text' | 'link' | 'image' | 'file';
  text: string | null;
  url: string | null;
  filename: string | null;
  contentType: string | null;
  sizeBytes: number | null;
  sha256: string | null;
  problem: string | null;
};

export type LaidOut = { ok: true; page: Page; warnings: string[] } | { ok: false; failure: Failure };

const MAX_PICTURES = 50;
/** All pictures of a page are in memory at once, on the hub too. */
const MAX_PICTURE_BYTES = 40 * 1024 * 1024;
const MAX_TITLE_CHARACTERS = 500;
/** A longer address would make a QR code too fine for e-ink: version 25 and up at level L holds more. */
const MAX_QR_CHARACTERS = 1000;
/** A single line up to this long stands alone in the middle, like a note on a door. */
const MAX_CENTRED_CHARACTERS = 80;
const CUT = '…';

/** Makes a page of contents by rule, without a model: title, texts, links with a QR code, pictures, text files. */
export function layOut(contents: readonly ReadContent[], title: string | null): LaidOut {
  const refused = contents.flatMap(({ assets }) => assets.map(refusal)).find((failure) => failure !== undefined);
  if (refused !== undefined) return { ok: false, failure: refused };
  const assets = contents.flatMap((content) => content.assets);
  const warnings: string[] = [];
  const heading = titleOf(title ?? (contents.length === 1 ? (contents[0]?.title ?? '') : ''));
  const text = cut(
    contents
      .map((content) => textOf(content, contents.length > 1))
      .join('\n\n')
      .trim(),
    warnings,
  );
  const pictures = firstPictures(assets.filter(({ type }) => type === 'image').map(pictureOf), warnings);
  const page: Page = {
    title: heading,
    text: text === '' ? null : text,
    align: alignFor(heading, text, assets),
    qr: qrOf(assets, warnings),
    pictures,
    fit: 'fit',
  };
  if (page.title === null && page.text === null && page.pictures.length === 0) {
    return {
      ok: false,
      failure: failure('no_presentable_content', 'The contents hold nothing that can be seen.', null),
    };
  }
  return { ok: true, page: PageSchema.parse(page), warnings };
}

/** Makes a page of one picture alone. */
export function layOutPicture(asset: ReadAsset): LaidOut {
  const refused = refusal(asset);
  if (refused !== undefined) return { ok: false, failure: refused };
  const page: Page = { title: null, text: null, align: 'centre', qr: null, pictures: [pictureOf(asset)], fit: 'fit' };
  return { ok: true, page, warnings: [] };
}

const TEXT_FILES = ['text/plain', 'text/markdown', 'application/json'];

function refusal(asset: ReadAsset): Failure | undefined {
  const name = `asset ${asset.assetIndex} (${asset.filename ?? asset.type})`;
  if (asset.problem !== null) return failure('invalid_asset', `The ${name} cannot be read: ${asset.problem}`, asset);
  if (asset.type === 'file' && !TEXT_FILES.includes(asset.contentType ?? '')) {
    return failure('no_presentable_content', `The ${name} is ${asset.contentType}, which cannot be laid out.`, asset);
  }
  return undefined;
}

function failure(code: string, message: string, asset: ReadAsset | null): Failure {
  return { code, message, retryable: false, stage: 'layout', assetIndex: asset?.assetIndex ?? null };
}

function titleOf(title: string): string | null {
  const line = clean(title).replace(/\s+/g, ' ').trim();
  return line === '' ? null : shorten(line, MAX_TITLE_CHARACTERS);
}

function textOf({ title, assets }: ReadContent, withTitle: boolean): string {
  const parts = assets.map((asset) => clean((asset.type === 'link' ? asset.url : asset.text) ?? '').trimEnd());
  return [withTitle ? (titleOf(title ?? '') ?? '') : '', ...parts].filter((part) => part.trim() !== '').join('\n\n');
}

function cut(text: string, warnings: string[]): string {
  if (text.length <= MAX_PAGE_TEXT_CHARACTERS) return text;
  warnings.push(`The text has ${text.length} characters; only the first ${MAX_PAGE_TEXT_CHARACTERS} are shown.`);
  return shorten(text, MAX_PAGE_TEXT_CHARACTERS);
}

function shorten(text: string, limit: number): string {
  if (text.length <= limit) return text;
  const head = text.slice(0, limit - CUT.length);
  return `${head.replace(/\p{Surrogate}$/u, '')}${CUT}`;
}

/** Line ends become \n and control characters vanish: no font has a picture of them. */
function clean(text: string): string {
  return text.replace(/\r\n?|\u2028|\u2029/g, '\n').replace(/(?![\n\t])\p{Cc}/gu, '');
}

function pictureOf({ sha256, contentType, sizeBytes }: ReadAsset): Page['pictures'][number] {
  return PictureRefSchema.parse({ sha256, contentType, sizeBytes });
}

function firstPictures(all: Page['pictures'], warnings: string[]): Page['pictures'] {
  let bytes = 0;
  const shown = all.slice(0, MAX_PICTURES).filter(({ sizeBytes }) => {
    bytes += sizeBytes;
    return bytes <= MAX_PICTURE_BYTES;
  });
  if (shown.length < all.length)
    warnings.push(`Only the first ${shown.length} pictures are shown: a page takes no more.`);
  return shown;
}

function alignFor(title: string | null, text: string, assets: readonly ReadAsset[]): Page['align'] {
  const alone = title === null && assets.every(({ type }) => type === 'text');
  return alone && text.length <= MAX_CENTRED_CHARACTERS && !text.includes('\n') ? 'centre' : 'start';
}

function qrOf(assets: readonly ReadAsset[], warnings: string[]): string | null {
  const urls = assets.flatMap(({ type, url }) => (type === 'link' && url !== null ? [url] : []));
  const short = urls.filter((url) => url.length <= MAX_QR_CHARACTERS);
  const [first] = short;
  if (urls.length > short.length)
    warnings.push(`A link over ${MAX_QR_CHARACTERS} characters is shown without a QR code.`);
  if (short.length > 1) warnings.push('Only the first link has a QR code; the others are shown as text.');
  return first ?? null;
}
