import { createHash } from 'node:crypto';
import { type PanelSpec, pixelsPerInch } from '../../hardware/index.js';
import {
  bytesInPacking,
  type frameToPng,
  PACKINGS,
  type RenderInput,
  type RenderTarget,
  type RenderWarning,
  readScene,
  type renderInput,
} from '../../render/index.js';
import { HubError } from '../errors.js';
import { USUAL_VIEWING_DISTANCE_MM } from '../viewing-distance.js';
import type { RenderOptions } from './options.js';

export type RenderCommandDeps = {
  panelSpec: (id: string) => Pick<PanelSpec, 'width' | 'height' | 'diagonalInch' | 'inks'>;
  renderInput: typeof renderInput;
  frameToPng: typeof frameToPng;
  readFile: (file: string) => Promise<Uint8Array>;
  writeFile: (file: string, bytes: Uint8Array) => Promise<void>;
  /** Milliseconds from any point on. */
  now: () => number;
};

/** What was drawn; times in milliseconds. */
export type RenderReport = {
  panel: string;
  width: number;
  height: number;
  bitsPerPixel: 1 | 2 | 4;
  inks: readonly string[];
  bytes: number;
  /** Of the bytes of `--out`. */
  sha256: string;
  warnings: readonly RenderWarning[];
  readMs: number;
  renderMs: number;
  writeMs: number;
};

/**
 * Draws what the options say and writes the files that they name. A packing names the inks, the panel its size.
 * @throws HubError `file.unreadable`, `file.unwritable`; RenderError; HardwareError `epd.unknown-panel`
 */
export async function renderCommand(options: RenderOptions, deps: RenderCommandDeps): Promise<RenderReport> {
  const panel = deps.panelSpec(options.panel);
  const { width, height, inks: own } = panel;
  const { packing, mode, profile, out, png } = options;
  const inks = packing === undefined ? own : PACKINGS[packing].inks;
  const target: RenderTarget = {
    width,
    height,
    inks,
    mode,
    ...(profile === undefined ? {} : { profile }),
    ppi: pixelsPerInch(panel),
    viewingDistanceMm: USUAL_VIEWING_DISTANCE_MM,
  };
  const started = deps.now();
  const input = await inputOf(options, deps);
  const read = deps.now();
  const { frame, warnings } = await deps.renderInput(input, target);
  const rendered = deps.now();
  const bytes = packing === undefined ? frame.data : bytesInPacking(frame, packing);
  if (out !== undefined) await write(out, bytes, deps);
  if (png !== undefined) await write(png, await deps.frameToPng(frame, inks), deps);
  return {
    panel: options.panel,
    width,
    height,
    bitsPerPixel: frame.bitsPerPixel,
    inks,
    bytes: bytes.length,
    sha256: createHash('sha256').update(bytes).digest('hex'),
    warnings,
    readMs: read - started,
    renderMs: rendered - read,
    writeMs: deps.now() - rendered,
  };
}

async function inputOf(options: RenderOptions, deps: RenderCommandDeps): Promise<RenderInput> {
  const { source, fit } = options;
  const assets: Record<string, Uint8Array> = {};
  for (const { name, file } of options.assets) assets[name] = await read(file, deps);
  switch (source.kind) {
    case 'image': {
      const scene = { version: 1, root: { type: 'image', asset: 'image', fit } } as const;
      return { kind: 'scene', scene, assets: { image: await read(source.file, deps) } };
    }
    case 'text': {
      const page = { title: null, text: source.text, align: 'centre', qr: null, fit, pictures: [] } as const;
      return { kind: 'page', page };
    }
    case 'scene':
      return { kind: 'scene', scene: readScene(await readJson(source.file, deps)), assets };
    case 'screen': {
      const data = await readJson(source.dataFile, deps);
      return { kind: 'screen', name: source.name, data, assets };
    }
  }
}

async function readJson(file: string, deps: Pick<RenderCommandDeps, 'readFile'>): Promise<unknown> {
  const text = Buffer.from(await read(file, deps)).toString('utf8');
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new HubError('file.unreadable', `${file} is no JSON: ${wordsOf(cause)}`, { cause });
  }
}

async function read(file: string, { readFile }: Pick<RenderCommandDeps, 'readFile'>): Promise<Uint8Array> {
  return await readFile(file).catch((cause: unknown) => {
    throw new HubError('file.unreadable', `${file} cannot be read: ${wordsOf(cause)}`, { cause });
  });
}

async function write(
  file: string,
  bytes: Uint8Array,
  { writeFile }: Pick<RenderCommandDeps, 'writeFile'>,
): Promise<void> {
  await writeFile(file, bytes).catch((cause: unknown) => {
    throw new HubError('file.unwritable', `${file} cannot be written: ${wordsOf(cause)}`, { cause });
  });
}

function wordsOf(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause);
}
