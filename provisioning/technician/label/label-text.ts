import { landingLink, thingNameFor } from '../../hw-id/index.js';

/** What a label is for. Model and batch are left out where nobody knows them. */
export type LabelFacts = { hwId: string; model?: number | undefined; batch?: number | undefined };

/** What a label says: the text of its QR code, and its lines from the most to the least important. */
export type LabelText = { qr: string; title: string; lines: readonly string[] };

/** Its QR code is the link that a phone finds on the hub's tag: the page knows the hub by either. */
export function labelText({ hwId, model, batch }: LabelFacts, landingPage: string): LabelText {
  const made = [...(model === undefined ? [] : [`model ${model}`]), ...(batch === undefined ? [] : [`batch ${batch}`])];
  return {
    qr: landingLink(landingPage, hwId),
    title: 'Inklet hub',
    lines: [thingNameFor(hwId), hwId, ...(made.length === 0 ? [] : [made.join(', ')])],
  };
}
