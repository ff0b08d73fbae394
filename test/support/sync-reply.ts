import type { Lane, SyncReply, SyncRequest } from '../../contract/index.js';

/** What a cloud answers that takes everything, apart from what the test says. */
export function replyTo(request: SyncRequest, more: Partial<SyncReply> = {}): SyncReply {
  const acks: SyncReply['acks'] = {};
  const reached = (lane: Lane, seq: number) => {
    acks[lane] = Math.max(acks[lane] ?? 0, seq);
  };
  for (const { lane, first, events } of request.logs) reached(lane, first + events.length - 1);
  for (const { lane, to } of request.gaps) reached(lane, to);
  return {
    v: 1,
    gen: 'g1',
    now: '2026-01-01T00:00:00.000Z',
    acks,
    regAcks: request.regs.map(({ key, ver }) => [key, ver]),
    rejects: [],
    holes: [],
    down: [],
    downNext: request.downAcked + 1,
    finalUpto: 0,
    window: { events: 500, bytes: 262_144 },
    retryMs: null,
    spreadMs: null,
    epochState: 'open',
    ...more,
  };
}
