import type { Told } from './history-writer.js';
import type { TinyPair } from './tiny-pair.js';
import {
  applied,
  cleared,
  create,
  drop,
  EPOCH,
  effect,
  ended,
  enqueue,
  final,
  got,
  here,
  hub,
  receive,
  result,
  row,
  sample,
  send,
  set,
  stream,
} from './tiny-steps.js';

/** The first of each lane. */
const sendBoth: Told = send(1, 1, 0, {
  slices: [
    { lane: 0, from: 1, to: 1 },
    { lane: 1, from: 1, to: 1 },
  ],
});

/** A request that says which commands the hub has. */
const sendHaving = (downAcked: number): Told => send(1, 1, 1, { downGen: 'g1', downAcked });
const lostCard: Told = { step: 'card.lost', ...here };

/** Of registers, drops, commands, bounds and time. */
export const TINY_OTHER_PAIRS: readonly TinyPair[] = [
  {
    breaks: 'I10',
    by: 'a value that is not the last',
    right: [set(1, 'old'), applied(1)],
    wrong: [set(1, 'old'), applied(1), set(2, 'new')],
    context: ended({ registers: [{ hub: 'h', key: 'k', epoch: EPOCH, ver: 1, hash: 'old' }] }),
  },
  { breaks: 'I10', by: 'a version that falls', right: [applied(1), applied(2)], wrong: [applied(2), applied(1)] },
  {
    breaks: 'I10',
    by: 'a value that was neither sent nor counted',
    right: [set(1, 'x'), set(2, 'y'), cleared({}, [['k', 2, 1]])],
    wrong: [set(1, 'x'), set(2, 'y'), cleared({}, [['k', 2, 0]])],
    context: ended({ registers: [{ hub: 'h', key: 'k', epoch: EPOCH, ver: 2, hash: 'y' }] }),
  },
  {
    breaks: 'I10',
    by: 'a value of an epoch of which the cloud took none',
    right: [set(1, 'old'), applied(1), set(1, 'new', { epoch: 'e2' }), applied(1, { epoch: 'e2', ord: 2 })],
    wrong: [set(1, 'old'), applied(1), set(1, 'new', { epoch: 'e2' })],
    context: ended({ registers: [{ hub: 'h', key: 'k', epoch: 'e2', ver: 1, hash: 'new' }] }),
    wrongContext: ended({ registers: [{ hub: 'h', key: 'k', epoch: EPOCH, ver: 1, hash: 'old' }] }),
  },
  {
    breaks: 'I10',
    by: 'a value that was set after its card was lost',
    right: [set(1, 'x'), { step: 'card.lost', ...here }],
    wrong: [set(1, 'x'), { step: 'card.lost', ...here }, set(1, 'y', { epoch: 'e2' })],
    context: ended({}),
  },
  {
    breaks: 'I10',
    by: 'a request that counts overwritten values wrongly',
    right: [set(1, 'x'), set(2, 'y'), send(1, 1, 1, { regs: [['k', 2, 1]] })],
    wrong: [set(1, 'x'), set(2, 'y'), send(1, 1, 1, { regs: [['k', 2, 0]] })],
    context: ended({ registers: [{ hub: 'h', key: 'k', epoch: EPOCH, ver: 2, hash: 'y' }] }),
  },
  {
    breaks: 'I11',
    by: 'a drop from a lane with room',
    right: [...enqueue('a', 1), drop(1, 1)],
    wrong: [...enqueue('a', 1), drop(1, 1, { held: { bytes: 10, limit: 10 } })],
  },
  {
    breaks: 'I11',
    by: 'a drop from lane 0',
    right: [...enqueue('a', 1), drop(1, 1)],
    wrong: [...enqueue('a', 1), drop(1, 1, { lane: 0 })],
  },
  {
    breaks: 'I11',
    by: 'an event that is called unreadable on a card that nobody damaged',
    right: [...enqueue('a', 1), { step: 'card.damaged', ...hub }, drop(1, 1, { reason: 'corrupt' })],
    wrong: [...enqueue('a', 1), drop(1, 1, { reason: 'corrupt' })],
    context: { isDamageNoted: true },
  },
  {
    breaks: 'I11',
    by: 'a younger event that goes before an older',
    right: [...enqueue('a', 1), ...enqueue('b', 2), drop(1, 1)],
    wrong: [...enqueue('a', 1), ...enqueue('b', 2), drop(2, 2)],
  },
  {
    breaks: 'I11',
    by: 'an age that an event has not reached',
    right: [...enqueue('a', 1), drop(1, 1, { reason: 'ttl', ttlMs: 20_001 })],
    wrong: [...enqueue('a', 1), drop(1, 1, { reason: 'ttl', ttlMs: 20_002 })],
  },
  {
    breaks: 'I11',
    by: 'an event that may be on its way',
    right: [...enqueue('a', 1), ...enqueue('b', 2), send(1, 1), drop(2, 2)],
    wrong: [...enqueue('a', 1), ...enqueue('b', 2), send(1, 1), drop(1, 2)],
  },
  {
    breaks: 'I12',
    by: 'a second effect where once is the law',
    right: [create('c', 1), effect('c', 1), effect('c', 1)],
    wrong: [create('c', 1, true), effect('c', 1), effect('c', 1)],
  },
  {
    breaks: 'I12',
    by: 'a second effect on another card, though the cloud had answered that the first had it',
    right: [create('c', 1, true), receive('c', 1), effect('c', 1), sendHaving(0), got(0), lostCard, effect('c', 1)],
    wrong: [create('c', 1, true), receive('c', 1), effect('c', 1), sendHaving(1), got(0), lostCard, effect('c', 1)],
  },
  {
    breaks: 'I12',
    by: 'an effect after the end',
    right: [create('c', 1), effect('c', 1), result('c')],
    wrong: [create('c', 1), effect('c', 1), result('c'), effect('c', 1)],
  },
  {
    breaks: 'I12',
    by: 'a revision that falls',
    right: [receive('c', 1), receive('d', 2), effect('c', 1), effect('d', 2)],
    wrong: [receive('c', 1), receive('d', 2), effect('d', 2), effect('c', 1)],
  },
  { breaks: 'I13', by: 'applied without an effect', right: [effect('c', 1), result('c')], wrong: [result('c')] },
  {
    breaks: 'I13',
    by: 'final before the result',
    right: [effect('c', 1), result('c'), final('c')],
    wrong: [effect('c', 1), final('c'), result('c')],
  },
  {
    breaks: 'I13',
    by: 'a command without an end',
    right: [create('c', 1)],
    wrong: [create('c', 1)],
    context: ended({ commands: [{ hub: 'h', cmd: 'c', state: 'UNKNOWN' }] }),
    wrongContext: ended({ commands: [{ hub: 'h', cmd: 'c', state: 'RECEIVED' }] }),
  },
  {
    breaks: 'I13',
    by: 'another end than the one that its hub told',
    right: [create('c', 1), effect('c', 1), result('c')],
    wrong: [create('c', 1), effect('c', 1), result('c')],
    context: ended({ commands: [{ hub: 'h', cmd: 'c', state: 'APPLIED' }] }),
    wrongContext: ended({ commands: [{ hub: 'h', cmd: 'c', state: 'FAILED' }] }),
  },
  {
    breaks: 'I13',
    by: 'a failure that no hub told',
    right: [create('c', 1)],
    wrong: [create('c', 1)],
    context: ended({ commands: [{ hub: 'h', cmd: 'c', state: 'EXPIRED' }] }),
    wrongContext: ended({ commands: [{ hub: 'h', cmd: 'c', state: 'FAILED' }] }),
  },
  {
    breaks: 'I14',
    by: 'a span that was counted long before it was sent',
    right: [create('c', 1, false, { deadlineMs: 1 }), receive('c', 1, 1), effect('c', 1)],
    wrong: [create('c', 1, false, { deadlineMs: 0 }), receive('c', 1, 1), effect('c', 1)],
    context: { longestWayMs: 1 },
  },
  {
    breaks: 'I14',
    by: 'an effect after the deadline',
    right: [receive('c', 1, 100), effect('c', 1, 100)],
    wrong: [receive('c', 1, 100), effect('c', 1, 101)],
  },
  { breaks: 'I15', by: 'a file above its cap', right: [sample(0, 10)], wrong: [sample(0, 11)] },
  {
    breaks: 'I15',
    by: 'a disk that stays full after an acknowledgement',
    right: [
      { step: 'disk.full', ...hub },
      { step: 'enq.err', ...hub, lane: 1, hash: 'b', code: 'storage.full' },
      got(1),
      cleared({ 1: 1 }),
    ],
    wrong: [
      { step: 'disk.full', ...hub },
      got(1),
      cleared({ 1: 1 }),
      { step: 'enq.err', ...hub, lane: 1, hash: 'b', code: 'storage.full' },
    ],
  },
  {
    breaks: 'I16',
    by: 'events that wait although the link is up',
    right: [
      { step: 'link', ...hub, up: false },
      sample(1),
      sample(1),
      sample(1),
      sample(1),
      { step: 'link', ...hub, up: true },
      sample(1),
    ],
    wrong: [{ step: 'link', ...hub, up: true }, sample(1), sample(1), sample(1), sample(1), sample(1)],
    context: { pace: { backoffCapMs: 1, eventsPerS: 1000 } },
  },
  {
    breaks: 'I17',
    by: 'a request without what waits in lane 0',
    right: [...enqueue('a', 1, 0), ...enqueue('b', 1, 1), send(1, 1, 0)],
    wrong: [...enqueue('a', 1, 0), ...enqueue('b', 1, 1), send(1, 1, 1)],
  },
  {
    breaks: 'I18',
    by: 'less than is known of the boot that told of it',
    right: [...enqueue('a', 1), send(1, 1, 0), got(0), cleared({}), send(1, 1)],
    wrong: [...enqueue('a', 1), send(1, 1, 0), got(0), cleared({}), send(1, 1)],
    context: {
      ...ended({ events: [{ ...row('a', 1), tsLo: 0, tsHi: 2 }], streams: [stream(1)] }),
      longestWayMs: 1,
    },
    wrongContext: {
      ...ended({ events: [{ ...row('a', 1), tsLo: 0, tsHi: 3 }], streams: [stream(1)] }),
      longestWayMs: 1,
    },
  },
  {
    breaks: 'I17',
    by: 'a request with a part of lane 0 and something else',
    right: [...enqueue('a', 1, 0), ...enqueue('b', 2, 0), send(1, 1, 0, { window: 1 })],
    wrong: [...enqueue('a', 1, 0), ...enqueue('b', 2, 0), ...enqueue('c', 1), sendBoth],
  },
  {
    breaks: 'I17',
    by: 'a request with a part of lane 0 and room for more',
    right: [...enqueue('a', 1, 0), ...enqueue('b', 2, 0), send(1, 1, 0, { window: 1 })],
    wrong: [...enqueue('a', 1, 0), ...enqueue('b', 2, 0), send(1, 1, 0, { window: 2 })],
  },
  {
    breaks: 'I18',
    by: 'a time before the event',
    right: enqueue('a', 1),
    wrong: enqueue('a', 1),
    context: ended({ events: [{ ...row('a', 1), tsLo: 0, tsHi: 1 }], streams: [stream(1)] }),
    wrongContext: ended({ events: [{ ...row('a', 1), tsLo: -2, tsHi: -1 }], streams: [stream(1)] }),
  },
];
