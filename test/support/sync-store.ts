import { randomBytes } from 'node:crypto';
import { v7 } from 'uuid';
import type { Lane, SyncEvent, SyncRequest } from '../../contract/index.js';

export const newEpoch = () => randomBytes(16).toString('hex');

/** A hub's side of the exchange: its store, as far as tests of the cloud need one. */
export class SyncStore {
  epoch = newEpoch();
  readonly boot = v7();
  downGen: string | null = null;
  downAcked = 0;

  request(change: Partial<SyncRequest> = {}): SyncRequest {
    return {
      v: 1,
      epoch: this.epoch,
      boot: this.boot,
      monoNow: 60_000,
      wallNow: '2026-03-01T07:00:00.000Z',
      wq: 0,
      after: {},
      logs: [],
      regs: [],
      gaps: [],
      downGen: this.downGen,
      downAcked: this.downAcked,
      freeBytes: null,
      want: { down: 100 },
      ...change,
    };
  }

  event(change: Partial<SyncEvent> = {}): SyncEvent {
    const body = { version: '1', bootId: this.boot };
    return {
      id: v7(),
      type: 'hub.started',
      tv: 1,
      boot: this.boot,
      mono: 50_000,
      wall: '2000-01-01T00:00:00.000Z',
      wq: 0,
      body,
      ...change,
    };
  }

  slice(first: number, events: SyncEvent[], lane: Lane = 0): SyncRequest['logs'][number] {
    return { lane, first, lastId: events.at(-1)?.id ?? v7(), events };
  }
}
