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
  const whole = { x: 0, y: 0, width: glass.width, height: glass.height };
  glass.drive(whole, (x, y) => (kept[y * glass.width + x] === 0 ? 0 : 1), { flash: true, progress: 1 });
}
