import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { frameToPng, renderFrame } from '../../render/index.js';
import { GOLDEN_CASES, GOLDEN_DIR, type GoldenCase, SCREENS_DIR } from './cases.js';
import { SCREEN_CASES } from './screen-cases.js';

// Writes the goldens anew after a change that is meant to be seen. Look at every PNG before it is committed.
await writeGoldens(GOLDEN_CASES, GOLDEN_DIR);
await writeGoldens(SCREEN_CASES, SCREENS_DIR);

async function writeGoldens(cases: readonly GoldenCase[], dir: string): Promise<void> {
  mkdirSync(dir, { recursive: true });
  const sums: string[] = [];
  for (const { name, input, target } of cases) {
    const frame = await renderFrame(input, target);
    writeFileSync(path.join(dir, `${name}.png`), await frameToPng(frame, target.inks));
    sums.push(`${frame.sha256}  ${name}\n`);
  }
  writeFileSync(path.join(dir, 'SHA256SUMS'), sums.join(''));
}
