import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { v7 } from 'uuid';
import { it } from 'vitest';
import type { Lane, Page } from '../../contract/index.js';
import type { Clock, Frame } from '../../hardware/index.js';
import type { QueueLimits } from '../../hub/storage/queue-limits.js';
import { openStore, type Store } from '../../hub/storage/store.js';

/** Time that stands still until it is moved; sleepers wake when it passes them. */
export class StillClock implements Clock {
  #nowMs = Date.UTC(2026, 0, 1);
  #wallAheadMs = 0;
  #sleepers: { atMs: number; wake: () => void }[] = [];

  now(): number {
    return this.#nowMs + this.#wallAheadMs;
  }

  monotonic(): number {
    return this.#nowMs;
  }

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      if (signal?.aborted === true) return reject(signal.reason);
      const leave = () => {
        this.#sleepers = this.#sleepers.filter((one) => one !== sleeper);
        reject(signal?.reason);
      };
      const wake = () => {
        signal?.removeEventListener('abort', leave);
        resolve();
      };
      const sleeper = { atMs: this.#nowMs + ms, wake };
      this.#sleepers.push(sleeper);
      signal?.addEventListener('abort', leave, { once: true });
    });
  }

  /** How long the sleepers still have. */
  get sleeping(): number[] {
    return this.#sleepers.map(({ atMs }) => atMs - this.#nowMs);
  }

  /** Sets the wall clock forward or back; nobody wakes from it. */
  jumpWall(ms: number): void {
    this.#wallAheadMs += ms;
  }

  advance(ms: number): void {
    this.#nowMs += ms;
    const due = this.#sleepers.filter(({ atMs }) => atMs <= this.#nowMs);
    this.#sleepers = this.#sleepers.filter((sleeper) => !due.includes(sleeper));
    for (const { wake } of due) wake();
  }
}

export const SILENT = pino({ level: 'silent' });

/** A folder that can be opened as a hub's store again and again, as a restarted process would. */
export type Site = {
  dir: string;
  clock: StillClock;
  /** `folder`: one within the site's, for a test that needs many stores. */
  open(options?: { limits?: QueueLimits; folder?: string; onDamaged?: (what: string) => void }): Promise<Store>;
};

export const test = it
  .extend('dir', async ({ task }, { onCleanup }) => {
    const dir = await mkdtemp(join(tmpdir(), `inklet-hub-${task.id}-`));
    onCleanup(() => rm(dir, { recursive: true, force: true }));
    return dir;
  })
  .extend('site', async ({ dir }, { onCleanup }): Promise<Site> => {
    const clock = new StillClock();
    let opened: Store | undefined;
    let epochs = 0;
    const newEpoch = () => {
      epochs += 1;
      return `${epochs}`.padStart(32, '0');
    };
    onCleanup(() => opened?.close());
    const open: Site['open'] = async ({ folder = '', ...more } = {}) => {
      await opened?.close();
      const deps = { dataDir: join(dir, folder), clock, newId: () => v7(), newEpoch, log: SILENT };
      opened = await openStore({ ...deps, ...more });
      return opened;
    };
    return { dir, clock, open };
  })
  .extend('store', ({ site }) => site.open());

/** Glass of which nothing is known. */
export const NO_WEAR = { partialsSinceFull: 0, ghostSpent: 0, lastFullMs: null, lastRefreshMs: null };

export const PAGE: Page = { title: null, text: 'Bread', align: 'start', qr: null, pictures: [], fit: 'fit' };

/** A display of the site's store. */
export function aDisplay(store: Store): string {
  return store.displays.ensure('7in5_V2', { displayId: v7(), name: 'Kitchen', atMs: 0 }).displayId;
}

/** A `text` command as the cloud would send it. */
export function aText(place: { downSeq: number; displayId: string; rev?: number; cmdId?: string; gen?: string }) {
  const { downSeq, displayId } = place;
  return {
    v: 1,
    gen: place.gen ?? 'g1',
    cmdId: place.cmdId ?? v7(),
    downSeq,
    slot: `frame:${displayId}`,
    rev: place.rev ?? downSeq,
    issuedAt: '2026-01-01T00:00:00.000Z',
    deadlineAt: null,
    remainingMs: null,
    kind: 'text',
    body: { displayId, presentationId: v7(), askedAt: '2026-01-01T00:00:00.000Z', page: PAGE },
  } as const;
}

/** Types and bodies of what a lane of the outbox holds, in order; lane 0 if not said otherwise. */
export function eventsOf({ outbox }: Pick<Store, 'outbox'>, lane: Lane = 0): { type: string; body: unknown }[] {
  const slice = outbox.slice(lane, { events: 500, bytes: 1_000_000 });
  return (slice?.events ?? []).map(({ type, body }) => ({ type, body }));
}

/** A frame of 8 x 1 pixels, told apart by its one byte. */
export function aFrame(byte: number): Frame {
  return { width: 8, height: 1, bitsPerPixel: 1, data: Uint8Array.of(byte), sha256: `${byte}`.padStart(64, '0') };
}

/** Lets everything that can go on do so. */
export async function settle(): Promise<void> {
  for (let turn = 0; turn < 20; turn += 1) await new Promise((resolve) => setImmediate(resolve));
}
