import type { RenderTarget } from '../input.js';
import { Canvas, within } from './canvas.js';
import { leastLetterPx, marginOf } from './measure.js';
import { fitStack, stampStack } from './stack.js';

/** A display that says which one it is, in a frame that is seen from across the room. */
export async function drawIdentify(
  screen: { displayName: string; hubName: string; panel: string },
  target: RenderTarget,
): Promise<Uint8Array> {
  const canvas = new Canvas(target);
  const { width, height } = canvas.box;
  const margin = marginOf(canvas.box);
  const line = Math.max(2, Math.round(margin / 3));
  canvas.fill({ x: 0, y: 0, width, height: line });
  canvas.fill({ x: 0, y: height - line, width, height: line });
  canvas.fill({ x: 0, y: 0, width: line, height });
  canvas.fill({ x: width - line, y: 0, width: line, height });
  const inner = within(canvas.box, margin + line);
  const small = Math.min(inner.width / 14, inner.height / 9);
  const blocks = await fitStack(
    [
      {
        text: screen.displayName,
        bold: true,
        maxPx: inner.height * 0.3,
        mostHeight: inner.height * 0.6,
        gapAfter: small,
      },
      { text: screen.hubName, bold: false, maxPx: small, mostHeight: inner.height * 0.2, gapAfter: small * 0.5 },
      { text: screen.panel, bold: false, maxPx: small * 0.7, mostHeight: inner.height * 0.15, gapAfter: 0 },
    ],
    inner.width,
    'centre',
    leastLetterPx(target),
  );
  stampStack(canvas, inner, blocks, 'centre');
  return canvas.indexes;
}
