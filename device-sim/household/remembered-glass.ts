import { mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { SimPanel } from '../epd/sim-panel.js';

/** Keeps what the glass shows while the world is stopped: e-ink needs no power for it. */
export async function rememberGlass(file: string, { glass }: SimPanel): Promise<void> {
  await mkdir(path.dirname(file), { recursive: true });
  await writeFile(file, glass.indexes());
}

/** Shows it again; glass of another size, or none, is left as it came from the factory. */
export async function recallGlass(file: string, { glass }: SimPanel): Promise<void> {
  const kept = await readFile(file).catch(() => undefined);
  if (kept?.length !== glass.width * glass.height) return;
  glass.recall(kept);
}
