import type { Box } from '../../frame/box.js';
import { polygonMask } from '../../frame/polygon-mask.js';
import { type Drawing, type Spot, stampLetters } from '../drawing.js';
import { toPixels } from '../length.js';
import type { ChartNode } from '../schema.js';
import { splitByWeight } from '../share-out.js';
import { type ChartScale, chartScale } from './chart-scale.js';
import { lineThickness } from './line.js';
import { strokeOf } from './stroke.js';
import { letterPx } from './text.js';

const LETTERS_OF_UNIT = 0.04;
const LEAST_LETTERS = 10;
const LINE_OF_UNIT = 0.008;
const GAP_OF_BAR = 0.25;

/** Draws a chart with what is written around it. */
export async function drawChart(drawing: Drawing, node: ChartNode, spot: Spot): Promise<void> {
  const { sheet, unitPx } = drawing;
  const ink = drawing.inks.stroke(node.ink ?? 'text', spot.behind);
  const lettersInk = drawing.inks.stroke('text', spot.behind);
  const plot = await drawAround(drawing, node, spot, lettersInk);
  if (plot.width < 1 || plot.height < 1) return;
  const scale = chartScale(node);
  if (node.kind === 'bars') drawBars(drawing, node, plot, scale, ink);
  else drawSparkline(drawing, node, plot, scale, ink);
  if (node.axis !== true) return;
  const thickness = lineThickness(unitPx);
  const y = plot.y + Math.round((plot.height - thickness) * (1 - scale.base));
  sheet.fill({ x: plot.x, y, width: plot.width, height: thickness }, lettersInk, spot.box);
}

/** Writes bounds at the left and labels below, and gives what they leave of the box. */
async function drawAround(drawing: Drawing, node: ChartNode, { box, room }: Spot, ink: number): Promise<Box> {
  const { unitPx } = drawing;
  const usual = Math.max(LEAST_LETTERS, Math.round(unitPx * LETTERS_OF_UNIT));
  const sizePx = node.size === undefined ? usual : letterPx(node.size, room, unitPx);
  const gap = Math.ceil(sizePx / 3);
  const set = (text: string, width: number) => {
    return drawing.setLetters({ text, width, height: box.height, size: sizePx, maxLines: 1, lang: drawing.lang });
  };
  const labels = [];
  for (const label of node.labels ?? []) labels.push(await set(label, box.width));
  const below = labels.length === 0 ? 0 : Math.max(...labels.map(({ height }) => height)) + gap;
  const bounds = [];
  for (const bound of node.bounds === undefined ? [] : [node.bounds.max, node.bounds.min]) {
    bounds.push(await set(bound, box.width));
  }
  const beside = bounds.length === 0 ? 0 : Math.max(...bounds.map(({ width }) => width)) + gap;
  const plot = { x: box.x + beside, y: box.y, width: box.width - beside, height: box.height - below };
  for (const [at, letters] of bounds.entries()) {
    const x = plot.x - gap - letters.width;
    const y = at === 0 ? box.y : Math.max(box.y, plot.y + plot.height - letters.height);
    stampLetters(drawing, letters, { x, y, width: letters.width, height: letters.height }, y, ink);
  }
  // As many labels as stand free of each other.
  const cell = plot.width / Math.max(1, labels.length);
  const widest = Math.max(0, ...labels.map(({ width }) => width));
  const every = Math.max(1, Math.ceil((widest + gap) / Math.max(1, cell)));
  for (const [at, letters] of labels.entries()) {
    if (at % every !== 0) continue;
    const middle = plot.x + cell * (at + 0.5) - letters.width / 2;
    const x = Math.round(Math.min(plot.x + plot.width - letters.width, Math.max(plot.x, middle)));
    const y = plot.y + plot.height + gap;
    stampLetters(drawing, letters, { x, y, width: letters.width, height: letters.height }, y, ink);
  }
  return plot;
}

function drawBars({ sheet }: Drawing, { values }: ChartNode, plot: Box, scale: ChartScale, ink: number): void {
  const widths = splitByWeight(
    plot.width,
    values.map(() => 1),
  );
  const base = Math.round(plot.height * scale.base);
  let x = plot.x;
  for (const [at, value] of values.entries()) {
    const width = widths[at] ?? 0;
    const gap = width < 3 ? 0 : Math.max(1, Math.round(width * GAP_OF_BAR));
    if (value !== null) {
      const end = Math.round(plot.height * scale.share(value));
      const size = Math.max(value === 0 ? 0 : 1, Math.abs(end - base));
      const top = end >= base ? base + size : base;
      sheet.fill(
        { x: x + Math.floor(gap / 2), y: plot.y + plot.height - top, width: width - gap, height: size },
        ink,
        plot,
      );
    }
    x += width;
  }
}

function drawSparkline({ sheet, unitPx }: Drawing, node: ChartNode, plot: Box, scale: ChartScale, ink: number): void {
  const wanted =
    node.thickness === undefined ? Math.round(unitPx * LINE_OF_UNIT) : toPixels(node.thickness, plot.height, unitPx);
  const thickness = Math.max(1.5, Math.min(wanted, plot.height / 2, plot.width / 2));
  const wide = plot.width - thickness;
  const high = plot.height - thickness;
  const steps = Math.max(1, node.values.length - 1);
  let piece: { x: number; y: number }[] = [];
  const pieces = [piece];
  for (const [at, value] of node.values.entries()) {
    if (value === null) {
      piece = [];
      pieces.push(piece);
      continue;
    }
    const across = node.values.length === 1 ? 0.5 : at / steps;
    piece.push({ x: thickness / 2 + wide * across, y: thickness / 2 + high * (1 - scale.share(value)) });
  }
  const polygons = pieces.flatMap((points) => strokeOf(points, thickness));
  sheet.stamp(polygonMask(polygons, plot.width, plot.height), plot.x, plot.y, ink);
}
