import { and, eq } from 'drizzle-orm';
import { MAX_ASSET_BYTES } from '../../contract/index.js';
import type { CloudContext } from '../context.js';
import { type Tx, withHousehold } from '../database/database.js';
import { CloudError } from '../errors.js';
import type { Arrival, AssetStore } from './asset-store.js';
import { lockContent, settleContent } from './contents.js';
import type { PictureCheck } from './picture-check.js';
import { isRealType } from './real-type.js';
import { asset, content } from './tables.js';
import { readTicket, type Ticket } from './tickets.js';
import { Turns } from './turns.js';

type Expected = { contentType: string; sizeBytes: number; isPicture: boolean };

/** Each that is looked into is in memory whole: 10 MiB at most. */
const MOST_AT_ONCE = 4;

/** Takes in the bytes of pictures and files. */
export class Uploads {
  readonly #context: CloudContext;
  readonly #store: AssetStore;
  readonly #check: PictureCheck;
  readonly #turns = new Turns(MOST_AT_ONCE);

  constructor(context: CloudContext, { store, check }: { store: AssetStore; check: PictureCheck }) {
    this.#context = context;
    this.#store = store;
    this.#check = check;
  }

  /**
   * Takes the asset that the ticket names; once this resolves its bytes are on disk and the content knows it. Bytes that
   * are not of the type that was promised fail the content; a short or broken upload leaves it waiting for another try.
   * @throws CloudError `access_denied` for a ticket that is no longer good, `asset_too_large`, `invalid_asset`
   */
  async receive(token: string, chunks: AsyncIterable<Uint8Array>): Promise<void> {
    const ticket = this.#admit(token);
    const expected = await this.#expected(ticket);
    const arrival = await this.#store.receive(limited(chunks));
    try {
      if (arrival.sizeBytes !== expected.sizeBytes) {
        throw new CloudError('invalid_asset', `${expected.sizeBytes} bytes were promised, ${arrival.sizeBytes} came.`);
      }
      await this.#turns.run(() => this.#settle(ticket, arrival, expected));
    } finally {
      await this.#store.letGo(arrival);
    }
  }

  /** Judges a ticket before its bytes are read. @throws CloudError `access_denied` */
  #admit(token: string): Ticket {
    const ticket = readTicket(this.#context, token);
    if (ticket === undefined) throw new CloudError('access_denied', 'This upload ticket is not valid any more.');
    return ticket;
  }

  async #expected({ householdId, contentId, assetIndex }: Ticket): Promise<Expected> {
    const [row] = await withHousehold(this.#context.db, householdId, (tx) =>
      tx.select().from(asset).where(isAsset(contentId, assetIndex)),
    );
    if (row?.contentType == null || row.sizeBytes === null) {
      throw new CloudError('content_not_found', 'No content has this asset.');
    }
    return { contentType: row.contentType, sizeBytes: row.sizeBytes, isPicture: row.type === 'image' };
  }

  async #settle(ticket: Ticket, arrival: Arrival, { contentType, isPicture }: Expected): Promise<void> {
    const bytes = await this.#store.readArrival(arrival);
    if (!isRealType(bytes, contentType)) {
      await this.#change(ticket, (tx, now) => failAsset(tx, ticket, contentType, now));
      throw new CloudError('invalid_asset', `The bytes are not ${contentType}.`, { assetIndex: ticket.assetIndex });
    }
    const problem = isPicture ? await this.#check(bytes) : undefined;
    await this.#store.keep(arrival);
    await this.#change(ticket, async (tx, now) => {
      await tx
        .update(asset)
        .set({ uploadState: 'uploaded', sha256: arrival.sha256, problem: problem ?? null })
        .where(isAsset(ticket.contentId, ticket.assetIndex));
      await settleContent(tx, ticket.contentId, now);
    });
  }

  #change({ householdId, contentId }: Ticket, change: (tx: Tx, now: Date) => Promise<void>): Promise<void> {
    return withHousehold(this.#context.db, householdId, async (tx) => {
      await lockContent(tx, contentId);
      await change(tx, new Date(this.#context.clock.now()));
    });
  }
}

async function failAsset(tx: Tx, { contentId, assetIndex }: Ticket, contentType: string, now: Date): Promise<void> {
  const failed = await tx
    .update(asset)
    .set({ uploadState: 'failed' })
    .where(and(isAsset(contentId, assetIndex), eq(asset.uploadState, 'pending')))
    .returning({ assetIndex: asset.assetIndex });
  if (failed.length === 0) return; // what had arrived before stays
  const message = `The asset ${assetIndex} was uploaded with bytes that are not ${contentType}.`;
  const failure = { code: 'invalid_asset', message, retryable: true, stage: 'upload', assetIndex };
  await tx.update(content).set({ state: 'failed', failure, updatedAt: now }).where(eq(content.id, contentId));
}

function isAsset(contentId: string, assetIndex: number) {
  return and(eq(asset.contentId, contentId), eq(asset.assetIndex, assetIndex));
}

async function* limited(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let sizeBytes = 0;
  for await (const chunk of chunks) {
    sizeBytes += chunk.length;
    if (sizeBytes > MAX_ASSET_BYTES) {
      throw new CloudError('asset_too_large', `The upload has more than ${MAX_ASSET_BYTES} bytes.`);
    }
    yield chunk;
  }
}
