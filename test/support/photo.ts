import sharp from 'sharp';

/** A JPEG of 4000 x 3000 pixels with gradients, edges and grain, as a telephone takes it. */
export async function photo12Megapixel(): Promise<Buffer> {
  const [width, height] = [4000, 3000];
  const picture = `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}">
    <defs>
      <linearGradient id="sky" x2="0" y2="1"><stop stop-color="#1b4f9c"/><stop offset="1" stop-color="#f6d9b0"/></linearGradient>
      <radialGradient id="sun"><stop stop-color="#fff7d6"/><stop offset="1" stop-color="#fff7d600"/></radialGradient>
    </defs>
    <rect width="${width}" height="${height}" fill="url(#sky)"/>
    <circle cx="2900" cy="900" r="800" fill="url(#sun)"/>
    <path d="M0 2200 L700 1300 L1300 2000 L2100 1100 L3000 2100 L4000 1500 V3000 H0 Z" fill="#2d3b2f"/>
    <path d="M0 2500 Q1000 2300 2000 2550 T4000 2450 V3000 H0 Z" fill="#7d6a45"/>
  </svg>`;
  const grain = {
    width,
    height,
    channels: 3,
    background: '#808080',
    noise: { type: 'gaussian', mean: 128, sigma: 18 },
  } as const;
  const noise = await sharp({ create: grain }).png({ compressionLevel: 0 }).toBuffer();
  return sharp(Buffer.from(picture))
    .composite([{ input: noise, blend: 'soft-light' }])
    .removeAlpha()
    .jpeg({ quality: 92 })
    .toBuffer();
}
