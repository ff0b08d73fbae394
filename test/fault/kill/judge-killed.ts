import type { Outbox } from '../../../hub/storage/outbox.js';
import type { Registers } from '../../../hub/storage/registers.js';
import { eventsIn } from '../power/events-in.js';
import { openLight } from '../power/light-store.js';
import type { Promises } from '../power/promises.js';

const MAY_GIVE_WAY = new Set(['quota', 'thin']);
const ALL_KEYS = 1_000;

export type Judgement = {
  /** Everything that is not as it was promised. */
  wrong: string[];
  /** Accepted events that were found in a gap. */
  givenUp: number;
};

/** Opens what a killed store left. `usedEpochs`: of files that were lost with their card. */
export async function judgeKilled(
  dir: string,
  promises: Promises,
  usedEpochs: ReadonlySet<string> = new Set(),
): Promise<Judgement> {
  const { opened, salvaged } = await openLight(dir);
  const { database, outbox, registers } = opened;
  try {
    const events = judgeEvents(outbox, promises);
    const wrong = [
      salvaged === undefined ? [] : ['damaged'],
      promises.epoch === undefined || promises.epoch === outbox.epoch ? [] : ['another epoch'],
      usedEpochs.has(outbox.epoch) ? ['the epoch of a lost card'] : [],
      events.wrong,
      wrongCounts(outbox, promises),
      wrongRegisters(registers, promises),
    ].flat();
    return { wrong, givenUp: events.givenUp };
  } finally {
    database.close();
  }
}

/** I1 and I9: an event is there as it was given, or in a gap for which its lane had a reason. */
function judgeEvents(outbox: Outbox, { open, last }: Promises): Judgement {
  const { events, gaps, badJoints } = eventsIn(outbox);
  const there = new Map(events.map((event) => [event.id, event]));
  let givenUp = 0;
  const wrong = badJoints === 0 ? [] : [`${badJoints} numbers are covered not once`];
  for (const { lane, seq, id, body } of open.values()) {
    const event = there.get(id);
    if (event !== undefined) {
      if (event.lane !== lane || event.seq !== seq || event.body !== body) wrong.push(`${lane}/${seq} was changed`);
      continue;
    }
    const gap = gaps.find((one) => one.lane === lane && one.from <= seq && seq <= one.to);
    if (gap !== undefined) givenUp += 1;
    if (gap === undefined) wrong.push(`${lane}/${seq} is lost`);
    else if (lane === 0 || !MAY_GIVE_WAY.has(gap.reason)) wrong.push(`${lane}/${seq} was given up: ${gap.reason}`);
  }
  for (const { lane, nextSeq } of outbox.lanes()) {
    if (nextSeq <= (last.get(lane) ?? 0)) wrong.push(`lane ${lane} gives numbers again`);
  }
  return { wrong, givenUp };
}

/** What was accepted is what was taken, given up, or is here; an acknowledgement that was committed stays. */
function wrongCounts(outbox: Outbox, { acked, acking }: Promises): string[] {
  const wrong: string[] = [];
  for (const [lane, figures] of Object.entries(outbox.figures().lanes)) {
    const dropped = Object.values(figures.dropped).reduce((sum, rows) => sum + rows, 0);
    const { enqueued, taken, rows, nextSeq } = figures;
    if (enqueued !== taken + dropped + rows) wrong.push(`lane ${lane}: ${enqueued} is not ${taken}+${dropped}+${rows}`);
    if (enqueued !== nextSeq - 1) wrong.push(`lane ${lane}: ${enqueued} accepted, ${nextSeq - 1} numbers given`);
    const [atLeast = 0, atMost = 0] = [acked.get(Number(lane)), acking.get(Number(lane))];
    if (figures.acked < atLeast || figures.acked > atMost) wrong.push(`lane ${lane}: acknowledged ${figures.acked}`);
  }
  return wrong;
}

/** Of each key the last value, or the one that was about to be set. */
function wrongRegisters(registers: Registers, { set, setting }: Promises): string[] {
  const there = new Map(registers.dirty(ALL_KEYS).map(({ key, body }) => [key, JSON.stringify(body)]));
  return [...set].flatMap(([key, value]) => {
    const allowed = [value, setting.get(key)].map((one) => JSON.stringify({ value: one }));
    return allowed.includes(there.get(key) ?? '') ? [] : [`${key} is ${there.get(key)}, not ${allowed.join(' or ')}`];
  });
}
