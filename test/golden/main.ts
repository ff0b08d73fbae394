import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { frameToPng, renderFrame } from '../../render/index.js';
import { GOLDEN_CASES, GOLDEN_DIR } from './cases.js';

// Writes the goldens anew after a change that is meant to be seen. Look at every PNG before it is committed.
mkdirSync(GOLDEN_DIR, { recursive: true });
const sums: string[] = [];
for (const { name, input, target } of GOLDEN_CASES) {
  const frame = await renderFrame(input, target);
  writeFileSync(path.join(GOLDEN_DIR, `${name}.png`), await frameToPng(frame, target.inks));
  sums.push(`${frame.sha256}  ${name}\n`);
}
writeFileSync(path.join(GOLDEN_DIR, 'SHA256SUMS'), sums.join(''));
