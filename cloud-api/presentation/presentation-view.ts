import { asc, inArray } from 'drizzle-orm';
import {
  FailureSchema,
  type OutputFormat,
  type PublicPresentation,
  type PublicPresentationState,
  type Rendition,
} from '../../contract/index.js';
import { analysisContent } from '../analysis/tables.js';
import type { CloudContext } from '../context.js';
import type { Tx } from '../database/database.js';
import { CloudError } from '../errors.js';
import { writeImageLink } from './image-links.js';
import type { presentation } from './tables.js';

export type PresentationRow = typeof presentation.$inferSelect;

type ViewContext = Pick<CloudContext, 'keys' | 'settings' | 'clock'>;

/** The most inks that two bits number. */
export const RAW2_INKS = 4;

/** The encodings in which a display with these inks can be had. */
export function formatsFor(inks: readonly string[]): OutputFormat[] {
  return inks.length > RAW2_INKS ? ['png', 'raw4'] : ['png', 'raw2', 'raw4'];
}

/** The inks in the order of their index: how the numbers of a raw frame are to be read. */
export function colorModeOf(inks: readonly string[]): string {
  return inks.join(',');
}

/** The contents behind analyses, in the order in which they were given. */
export async function contentRefs(
  tx: Tx,
  rows: readonly { analysisId: string | null }[],
): Promise<(analysisId: string | null) => { id: string; role: 'input' }[]> {
  const ids = rows.flatMap(({ analysisId }) => (analysisId === null ? [] : [analysisId]));
  if (ids.length === 0) return () => [];
  const found = await tx
    .select()
    .from(analysisContent)
    .where(inArray(analysisContent.analysisId, ids))
    .orderBy(asc(analysisContent.place));
  return (analysisId) =>
    found.filter((ref) => ref.analysisId === analysisId).map(({ contentId }) => ({ id: contentId, role: 'input' }));
}

/**
 * Presentations as the public API shows them, in the order of the rows.
 * @throws CloudError `invalid_request` when a display has more inks than `format` can number
 */
export async function viewPresentations(
  context: ViewContext,
  tx: Tx,
  rows: readonly PresentationRow[],
  format: OutputFormat = 'png',
): Promise<PublicPresentation[]> {
  const refs = await contentRefs(tx, rows);
  return rows.map((row) => ({ ...viewPresentation(context, row, format), contentIds: refs(row.analysisId) }));
}

/** The one rendition that a presentation has: the frame as its display shows it. */
export function viewRendition(context: ViewContext, row: PresentationRow): Rendition {
  const { householdId, id: presentationId, width, height, inks } = row;
  return {
    id: presentationId,
    mediaType: 'image/png',
    format: 'png',
    width,
    height,
    colorMode: colorModeOf(inks),
    state: 'ready',
    ...writeImageLink(context, { householdId, presentationId, format: 'png' }),
    updatedAt: row.createdAt.toISOString(),
    failure: null,
  };
}

function viewPresentation(
  context: ViewContext,
  row: PresentationRow,
  format: OutputFormat,
): Omit<PublicPresentation, 'contentIds'> {
  return {
    id: row.id,
    displayId: row.displayId,
    analysisId: row.analysisId,
    mode: row.mode,
    state: row.state,
    title: row.title,
    output: null,
    scene: null,
    renditions: isDrawn(row) ? [viewRendition(context, row)] : [],
    image: isDrawn(row) ? viewImage(context, row, format) : null,
    failure: FailureSchema.nullable().parse(row.failure),
    createdAt: row.createdAt.toISOString(),
    updatedAt: row.updatedAt.toISOString(),
    times: {
      asked: toWire(row.askedAt),
      received: toWire(row.receivedAt),
      rendered: toWire(row.renderedAt),
      painted: toWire(row.paintedAt),
      confirmed: toWire(row.confirmedAt),
    },
    frameSha256: row.frameSha256 ?? row.previewSha256,
    origin: row.origin,
  };
}

/** Whether the cloud can draw it: what was asked for at the hub it does not know, and what failed it does not show. */
export function isDrawn({ page, state }: { page: unknown; state: PublicPresentationState }): boolean {
  return page !== null && state !== 'failed';
}

function viewImage(context: ViewContext, row: PresentationRow, format: OutputFormat): PublicPresentation['image'] {
  const { householdId, id: presentationId, width, height, inks } = row;
  if (!formatsFor(inks).includes(format)) {
    throw new CloudError('invalid_request', `format: ${format} cannot number ${inks.length} inks`);
  }
  const link = writeImageLink(context, { householdId, presentationId, format });
  return { ...link, format, width, height, updatedAt: row.createdAt.toISOString() };
}

function toWire(moment: Date | null): string | null {
  return moment?.toISOString() ?? null;
}
