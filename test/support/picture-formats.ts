import { gzipSync } from 'node:zlib';
import sharp, { type Sharp } from 'sharp';

const RED = '#ff0000';
const BLUE = '#0000ff';

/** Pictures of 80 x 40 whose left half is red and whose right half is blue, in every kind of file that render reads. */
export async function redAndBlueFiles(): Promise<Record<string, Buffer>> {
  const plain = sharp(await redAndBlue().png().toBuffer());
  const deep = () => plain.clone().toColourspace('rgb16');
  const svg = Buffer.from(
    `<svg xmlns="http://www.w3.org/2000/svg" width="80" height="40"><rect width="40" height="40" fill="${RED}"/>
    <rect x="40" width="40" height="40" fill="${BLUE}"/></svg>`,
  );
  const files: Record<string, Sharp> = {
    png: plain.clone().png(),
    'interlaced png': plain.clone().png({ progressive: true }),
    'palette png': plain.clone().png({ palette: true }),
    'png in 16 bits': deep().png(),
    'png with a profile': plain.clone().withIccProfile('p3').png(),
    jpeg: plain.clone().jpeg({ chromaSubsampling: '4:4:4' }),
    'progressive jpeg': plain.clone().jpeg({ progressive: true, chromaSubsampling: '4:4:4' }),
    'jpeg with a profile': plain.clone().withIccProfile('p3').jpeg({ chromaSubsampling: '4:4:4' }),
    gif: plain.clone().gif(),
    webp: plain.clone().webp(),
    'lossless webp': plain.clone().webp({ lossless: true }),
    avif: plain.clone().avif({ chromaSubsampling: '4:4:4' }),
    'avif in 12 bits': deep().avif({ bitdepth: 12, chromaSubsampling: '4:4:4' }),
    tiff: plain.clone().tiff({ compression: 'lzw' }),
    'tiled tiff in 16 bits': deep().tiff({ compression: 'deflate', tile: true, tileWidth: 32, tileHeight: 32 }),
    'tiff of floats': plain.clone().tiff({ compression: 'deflate', predictor: 'float' }),
    bigtiff: plain.clone().tiff({ compression: 'none', bigtiff: true }),
  };
  const made = Object.entries(files).map(async ([name, file]) => [name, await file.toBuffer()] as const);
  return {
    ...Object.fromEntries(await Promise.all(made)),
    'animated gif': await animated().gif().toBuffer(),
    'animated webp': await animated().webp({ lossless: true }).toBuffer(),
    svg,
    'svg in gzip': gzipSync(svg),
  };

  function animated(): Sharp {
    return sharp([svg, Buffer.from(svg.toString().replace(RED, '#00ff00'))], { join: { animated: true } });
  }
}

function redAndBlue(): Sharp {
  const half = (background: string) => ({ create: { width: 40, height: 40, channels: 3, background } }) as const;
  return sharp({ create: { width: 80, height: 40, channels: 3, background: RED } }).composite([
    { input: half(BLUE), left: 40, top: 0 },
  ]);
}
