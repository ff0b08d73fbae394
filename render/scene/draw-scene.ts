import type { DitherMode } from '../dither/dither.js';
import { Sheet } from '../frame/sheet.js';
import type { RenderTarget } from '../input.js';
import type { Rendered, RenderWarning } from '../rendered.js';
import type { Drawing, Spot } from './drawing.js';
import { type Element, elementOf } from './element.js';
import { drawBox } from './elements/box.js';
import { drawChart } from './elements/chart.js';
import { drawIcon } from './elements/icon.js';
import { drawImage } from './elements/image.js';
import { drawLine } from './elements/line.js';
import { drawProgress } from './elements/progress.js';
import { drawQr } from './elements/qr.js';
import { drawRegion } from './elements/region.js';
import { drawTable } from './elements/table.js';
import { drawText, setInto } from './elements/text.js';
import { InkPicker } from './ink-picker.js';
import { layOut, type Placed } from './layout.js';
import { leavesOf } from './leaves.js';
import { type Letters, setLetters } from './letters.js';
import { readScene } from './read-scene.js';
import type { Scene, SceneNode } from './schema.js';
import type { InkName } from './values.js';

/** Enough to see what is wrong; a scene that goes wrong everywhere says no more by a thousand. */
const MOST_WARNINGS = 50;

/**
 * Lays a scene out for the target and draws it, parents first.
 * @throws `render.bad-scene`, `render.bad-target`, `render.qr-too-long`, `render.picture-...`, or the reason of the signal
 */
export async function drawScene(
  json: Scene,
  assets: Readonly<Record<string, Uint8Array>>,
  target: RenderTarget,
  signal?: AbortSignal,
): Promise<Rendered> {
  const scene = readScene(json);
  const sheet = new Sheet(target);
  const inks = new InkPicker(target.inks, scene.theme ?? 'light');
  const warnings: RenderWarning[] = [];
  const letters = new Map<Element, Letters>();
  const drawing: Drawing = {
    sheet,
    target,
    signal,
    inks,
    assets,
    unitPx: Math.min(target.width, target.height),
    lang: scene.lang,
    setLetters: remembering(setLetters),
    letters,
    warn: (code, path, message) => {
      if (warnings.length < MOST_WARNINGS) warnings.push({ code, message, path });
    },
  };
  const { root, shortages } = await layOut(elementOf(scene.root), sheet.box, leavesOf(drawing));
  for (const { path, side, neededPx, givenPx } of shortages) {
    drawing.warn('render.overflow', path, `needs a ${side} of ${neededPx} pixels and has ${givenPx}`);
  }
  await setAll(drawing, root, letters);
  const background = inks.fill('background');
  sheet.fill(sheet.box, background);
  await draw(drawing, root, background, undefined);
  return { frame: sheet.toFrame(), warnings };
}

/** A text is measured, and then drawn as it was measured. */
function remembering(set: Drawing['setLetters']): Drawing['setLetters'] {
  const known = new Map<string, ReturnType<Drawing['setLetters']>>();
  return (block) => {
    const key = JSON.stringify(block);
    const letters = known.get(key) ?? set(block);
    known.set(key, letters);
    return letters;
  };
}

/** Sets all texts at once, so that those not drawn before are drawn together; when their turn comes they are at hand. */
async function setAll(
  drawing: Drawing,
  { element, box, room, children }: Placed,
  letters: Map<Element, Letters>,
): Promise<void> {
  const { node } = element;
  if (node.type === 'text') letters.set(element, await setInto(drawing, node, { box, room }));
  await Promise.all(children.map((child) => setAll(drawing, child, letters)));
}

async function draw(drawing: Drawing, placed: Placed, behind: number, mode: DitherMode | undefined): Promise<void> {
  drawing.signal?.throwIfAborted();
  const { node } = placed.element;
  const childMode = node.type === 'region' ? (node.mode ?? mode) : mode;
  await drawOwn(drawing, node, { ...placed, behind }, childMode);
  const ink = inkOfArea(node);
  const inside = ink === undefined ? behind : drawing.inks.fill(ink);
  for (const child of placed.children) await draw(drawing, child, inside, childMode);
}

async function drawOwn(drawing: Drawing, node: SceneNode, spot: Spot, mode: DitherMode | undefined): Promise<void> {
  switch (node.type) {
    case 'row':
    case 'column':
    case 'stack':
      if (node.ink !== undefined) drawing.sheet.fill(spot.box, drawing.inks.fill(node.ink));
      return;
    case 'box':
      return drawBox(drawing, node, spot);
    case 'region':
      return await drawRegion(drawing, node, spot.box, mode);
    case 'table':
      return drawTable(drawing, node, spot);
    case 'text':
      return drawText(drawing, node, spot);
    case 'image':
      return await drawImage(drawing, node, spot, node.mode ?? mode);
    case 'qr':
      return drawQr(drawing, node, spot);
    case 'line':
      return drawLine(drawing, node, spot);
    case 'icon':
      return drawIcon(drawing, node, spot);
    case 'chart':
      return await drawChart(drawing, node, spot);
    case 'progress':
      return drawProgress(drawing, node, spot);
  }
}

function inkOfArea(node: SceneNode): InkName | undefined {
  const isArea = node.type === 'row' || node.type === 'column' || node.type === 'stack' || node.type === 'box';
  return isArea ? node.ink : undefined;
}
