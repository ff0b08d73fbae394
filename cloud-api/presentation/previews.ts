import { createHash } from 'node:crypto';
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { and, eq } from 'drizzle-orm';
import { z } from 'zod';
import { type Page, PageSchema } from '../../contract/index.js';
import { frameToPng, packFrame, profileIdsFor, RenderError, type Renderer, unpackFrame } from '../../render/index.js';
import { tell } from '../analysis/story.js';
import { analysisEvent } from '../analysis/tables.js';
import type { AssetStore } from '../content/asset-store.js';
import { removeLeftovers } from '../content/leftovers.js';
import type { CloudContext } from '../context.js';
import { withHousehold } from '../database/database.js';
import { CloudError } from '../errors.js';
import type { ImageName } from './image-links.js';
import { formatsFor, isDrawn, type PresentationRow, RAW2_INKS } from './presentation-view.js';
import { presentation } from './tables.js';

type Frame = Awaited<ReturnType<Renderer['render']>>;

const RAW4_INKS = 16;

export type Image = { bytes: Uint8Array; contentType: string; frameSha256: string };

/** Draws presentations as their hub draws them, once each, and keeps the frames on disk under their SHA-256. */
export class Previews {
  readonly #context: CloudContext;
  readonly #renderer: Pick<Renderer, 'render'>;
  readonly #store: AssetStore;
  readonly #folder: string;
  readonly #underWay = new Map<string, Promise<Frame>>();

  constructor(context: CloudContext, { renderer, store }: { renderer: Pick<Renderer, 'render'>; store: AssetStore }) {
    this.#context = context;
    this.#renderer = renderer;
    this.#store = store;
    this.#folder = join(context.settings.dataDir, 'frames');
  }

  /** @throws CloudError `presentation_not_found`, `invalid_request`, `processing_unavailable` */
  async image({ householdId, presentationId, format }: ImageName): Promise<Image> {
    const [row] = await withHousehold(this.#context.db, householdId, (tx) =>
      tx.select().from(presentation).where(eq(presentation.id, presentationId)),
    );
    if (row === undefined || !isDrawn(row)) throw new CloudError('presentation_not_found', 'It has no picture.');
    if (!formatsFor(row.inks).includes(format)) {
      throw new CloudError('invalid_request', `format: ${format} cannot number ${row.inks.length} inks`);
    }
    const frame = (await this.#kept(row)) ?? (await this.#drawOnce(row));
    if (format === 'png') {
      return { bytes: await frameToPng(frame, row.inks), contentType: 'image/png', frameSha256: frame.sha256 };
    }
    const inkCount = format === 'raw2' ? RAW2_INKS : RAW4_INKS;
    const { data: bytes } = packFrame(unpackFrame(frame), frame.width, frame.height, inkCount);
    return { bytes, contentType: 'application/octet-stream', frameSha256: frame.sha256 };
  }

  /** Removes half-written frames that a killed process left behind. */
  async tidy(nowMs: number): Promise<void> {
    await removeLeftovers(this.#folder, { nowMs, isLeftover: (name) => name.includes('.') });
  }

  async #kept({ previewSha256, width, height, inks }: PresentationRow): Promise<Frame | undefined> {
    if (previewSha256 === null) return undefined;
    try {
      const data = await readFile(join(this.#folder, previewSha256));
      if (createHash('sha256').update(data).digest('hex') !== previewSha256) return undefined;
      return { width, height, bitsPerPixel: bitsFor(inks.length), data, sha256: previewSha256 };
    } catch {
      return undefined; // the folder is a cache: what is missing is drawn again
    }
  }

  #drawOnce(row: PresentationRow): Promise<Frame> {
    const name = `${row.householdId}/${row.id}`;
    const underWay = this.#underWay.get(name) ?? this.#draw(row).finally(() => this.#underWay.delete(name));
    this.#underWay.set(name, underWay);
    return underWay;
  }

  async #draw(row: PresentationRow): Promise<Frame> {
    try {
      const page = PageSchema.parse(row.page);
      const pictures = await this.#pictures(page);
      const frame = await this.#renderer.render({ kind: 'page', page: { ...page, pictures } }, this.#targetOf(row));
      await this.#keep(frame);
      await this.#noteDrawn(row, frame.sha256);
      return frame;
    } catch (error) {
      if (!(error instanceof RenderError)) throw error;
      await this.#noteFailed(row, error);
      throw new CloudError('processing_unavailable', `It cannot be drawn: ${error.message}`, {}, { cause: error });
    }
  }

  #targetOf({ id: presentationId, width, height, inks, profile }: PresentationRow) {
    if (profile === null) return { width, height, inks };
    if (profileIdsFor(inks).includes(profile)) return { width, height, inks, profile };
    const facts = { presentationId, profile };
    this.#context.log.warn(facts, 'a preview is drawn by the usual profile: that of the hub is not known here');
    return { width, height, inks };
  }

  #pictures(page: Page): Promise<Uint8Array[]> {
    return Promise.all(
      page.pictures.map(async ({ sha256 }) => {
        const bytes = await this.#store.read(sha256);
        if (bytes === undefined) throw new CloudError('processing_unavailable', `The asset ${sha256} is lost.`);
        return bytes;
      }),
    );
  }

  async #keep({ sha256, data }: Frame): Promise<void> {
    await mkdir(this.#folder, { recursive: true });
    const arriving = join(this.#folder, `${sha256}.${this.#context.newId()}`);
    await writeFile(arriving, data);
    await rename(arriving, join(this.#folder, sha256));
  }

  async #noteDrawn({ householdId, id, analysisId }: PresentationRow, previewSha256: string): Promise<void> {
    const now = new Date(this.#context.clock.now());
    await withHousehold(this.#context.db, householdId, async (tx) => {
      const [row] = await tx
        .update(presentation)
        .set({ previewSha256 })
        .where(eq(presentation.id, id))
        .returning({ frameSha256: presentation.frameSha256 });
      if (analysisId === null) return;
      const steps = [{ type: 'render.finished', summary: 'The preview is drawn.', data: { presentationId: id } }];
      const differs = differenceStep({ presentationId: id, frameSha256: row?.frameSha256 ?? null, previewSha256 });
      await tell(tx, { householdId, analysisId }, now, differs === undefined ? steps : [...steps, differs]);
    });
  }

  async #noteFailed({ householdId, id, analysisId }: PresentationRow, error: RenderError): Promise<void> {
    this.#context.log.warn({ presentationId: id, code: error.code }, 'a preview cannot be drawn');
    if (analysisId === null) return;
    const data = { presentationId: id, code: error.code };
    const step = { type: 'render.failed', summary: error.message, data, level: 'warn' as const };
    const now = new Date(this.#context.clock.now());
    await withHousehold(this.#context.db, householdId, async (tx) => {
      // Whoever holds the address may ask for ever; the story tells it once.
      const told = await tx.select({ data: analysisEvent.data }).from(analysisEvent).where(isFailureOf(analysisId));
      if (told.some((row) => DataSchema.safeParse(row.data).data?.presentationId === id)) return;
      await tell(tx, { householdId, analysisId }, now, [step]);
    });
  }
}

const DataSchema = z.object({ presentationId: z.string() });

function isFailureOf(analysisId: string) {
  return and(eq(analysisEvent.analysisId, analysisId), eq(analysisEvent.type, 'render.failed'));
}

/** As render packs: the fewest bits that number the inks. */
function bitsFor(inkCount: number): Frame['bitsPerPixel'] {
  if (inkCount <= 2) return 1;
  return inkCount <= RAW2_INKS ? 2 : 4;
}

/** The step that says that glass and preview are not the same picture; undefined while nobody knows or both agree. */
export function differenceStep({
  presentationId,
  frameSha256,
  previewSha256,
}: {
  presentationId: string;
  frameSha256: string | null;
  previewSha256: string | null;
}) {
  if (frameSha256 === null || previewSha256 === null || frameSha256 === previewSha256) return undefined;
  return {
    type: 'delivery.differs',
    summary: 'The glass shows another frame than the preview.',
    data: { presentationId, frameSha256, previewSha256 },
    level: 'warn' as const,
  };
}
