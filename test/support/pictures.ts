import { crc32 } from 'node:zlib';
import sharp from 'sharp';

/** A PNG of this size with a gradient in it. */
export function png(width: number, height: number): Promise<Buffer> {
  return sharp({ create: { width, height, channels: 3, background: '#808080' } })
    .png()
    .toBuffer();
}

/** A JPEG whose second half never came. */
export async function brokenJpeg(): Promise<Buffer> {
  const noise = {
    width: 300,
    height: 300,
    channels: 3,
    background: '#fff',
    noise: { type: 'gaussian', mean: 128, sigma: 40 },
  } as const;
  const whole = await sharp({ create: noise }).jpeg().toBuffer();
  return whole.subarray(0, whole.length / 2);
}

/** A PNG that says how large it is, and holds nothing. */
export function pngHeader(width: number, height: number): Buffer {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([8, 2], 8);
  const data = Buffer.from('789c030000000001', 'hex');
  return Buffer.concat([
    Buffer.from('89504e470d0a1a0a', 'hex'),
    chunk('IHDR', header),
    chunk('IDAT', data),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}

/** An empty ZIP archive. */
export function zip(): Buffer {
  return Buffer.concat([Buffer.from('504b0506', 'hex'), Buffer.alloc(18)]);
}

function chunk(type: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), data]);
  const frame = Buffer.alloc(8);
  frame.writeUInt32BE(data.length, 0);
  frame.writeUInt32BE(crc32(body), 4);
  return Buffer.concat([frame.subarray(0, 4), body, frame.subarray(4)]);
}
