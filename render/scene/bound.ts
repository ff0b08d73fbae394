import type { RenderTarget } from '../input.js';
import { Canvas, within } from './canvas.js';
import { leastLetterPx, marginOf } from './measure.js';
import { fitStack, stampStack } from './stack.js';

/** The screen that follows a successful binding. */
export async function drawBound(screen: { householdName: string }, target: RenderTarget): Promise<Uint8Array> {
  const canvas = new Canvas(target);
  const inner = within(canvas.box, marginOf(canvas.box));
  const small = Math.min(inner.width / 14, inner.height / 9);
  const name = { text: screen.householdName, bold: true, maxPx: inner.height * 0.26, mostHeight: inner.height * 0.55 };
  const blocks = await fitStack(
    [
      {
        text: 'This display now belongs to',
        bold: false,
        maxPx: small,
        mostHeight: inner.height * 0.25,
        gapAfter: small,
      },
      { ...name, gapAfter: 0 },
    ],
    inner.width,
    'centre',
    leastLetterPx(target),
  );
  stampStack(canvas, inner, blocks, 'centre');
  return canvas.indexes;
}
