import type { Lane } from '../../../contract/index.js';
import { Cards } from './cards.js';
import type { History, Step, StepOf } from './history.js';
import { countOf, RangeIndex } from './ranges.js';
import { entryOf, LANES, stepsOf } from './steps.js';
import type { Context, Finding } from './verdict.js';

/** I8 */
export function deletedAfterReply(history: History): Finding[] {
  const findings: Finding[] = [];
  const heard = new Map<string, number>();
  for (const step of stepsOf(history, 'reply.got', 'hub.commit')) {
    for (const lane of LANES) {
      const key = `${step.proc} ${step.epoch} ${lane}`;
      const ack = step.acks[lane] ?? 0;
      const known = heard.get(key) ?? 0;
      if (step.step === 'reply.got') {
        if (step.state === 'open') heard.set(key, Math.max(known, ack));
      } else if (ack > known) {
        findings.push({ what: `lane ${lane} deleted up to ${ack}, acknowledged up to ${known}`, evidence: [step] });
      }
    }
  }
  return findings;
}

/** I9 */
export function cardsKeepWhatTheyTook(history: History): Finding[] {
  const findings: Finding[] = [];
  const cards = new Cards();
  const moved = new Moved();
  const lost = new Map<string, StepOf<'card.lost'>>();
  for (const step of history) {
    cards.follow(step);
    if (step.step === 'move') moved.add(step);
    if (step.step === 'card.lost') lost.set(`${step.proc} ${step.epoch}`, step);
    if (step.step !== 'open') continue;
    const loss = lost.get(`${step.proc} ${step.epoch}`);
    if (loss !== undefined)
      findings.push({ what: `epoch ${step.epoch} goes on after its card was lost`, evidence: [loss, step] });
    else findings.push(...missingOn(cards, step));
    for (const epoch of cards.epochs(step.proc)) {
      if (epoch === step.epoch || lost.has(`${step.proc} ${epoch}`)) continue;
      findings.push(...leftBehind(cards, step, { epoch, moved }));
    }
  }
  return findings;
}

function missingOn(cards: Cards, open: StepOf<'open'>): Finding[] {
  return LANES.flatMap((lane) => {
    const { live, given, heard } = cards.lane(open.proc, open.epoch, lane);
    const next = open.next[lane] ?? 1;
    if (next <= given) return [{ what: `lane ${lane} goes on at ${next}, ${given} was given`, evidence: [open] }];
    const held = new RangeIndex(open.held.filter((one) => one.lane === lane).map(({ from, to }) => [from, to]));
    return [...live].flatMap(([seq, step]) =>
      seq <= heard || held.has(seq) ? [] : [{ what: `${lane}/${seq} is not on the card`, evidence: [step, open] }],
    );
  });
}

/** What an earlier epoch held and nobody took along. */
function leftBehind(cards: Cards, open: StepOf<'open'>, { epoch, moved }: { epoch: string; moved: Moved }): Finding[] {
  return LANES.flatMap((lane) => {
    const { live, heard } = cards.lane(open.proc, epoch, lane);
    const taken = moved.of(open.proc, epoch, lane);
    const left = [...live].filter(([seq]) => seq > heard && !taken.has(seq));
    return left.map(([seq, step]) => ({ what: `${lane}/${seq} was left in epoch ${epoch}`, evidence: [step, open] }));
  });
}

/** Which numbers of each lane went into another epoch; a move that was undone by a kill comes again. */
class Moved {
  readonly #numbers = new Map<string, Set<number>>();

  add({ proc, lane, from }: StepOf<'move'>): void {
    const numbers = entryOf(this.#numbers, `${proc} ${from.epoch} ${lane}`, () => new Set());
    for (let seq = from.from; seq <= from.to; seq += 1) numbers.add(seq);
  }

  of(card: string, epoch: string, lane: Lane): ReadonlySet<number> {
    return this.#numbers.get(`${card} ${epoch} ${lane}`) ?? new Set();
  }
}

/** I11 */
export function dropsKeepTheLaw(history: History, { isDamageNoted = false }: Context): Finding[] {
  const findings: Finding[] = [];
  const cards = new Cards();
  const damaged = new Set<string>();
  for (const step of history) {
    if (step.step === 'card.damaged') damaged.add(step.proc);
    if (step.step === 'drop' && step.reason === 'corrupt' && isDamageNoted && !damaged.has(step.proc)) {
      findings.push({ what: `${step.from} is called unreadable on a card that is whole`, evidence: [step] });
    }
    if (step.step === 'drop') findings.push(...brokenLaws(cards, step).map((what) => ({ what, evidence: [step] })));
    cards.follow(step);
  }
  return findings;
}

/** What is damaged or refused is dropped where it is; the rest gives way from the oldest on. */
const FROM_THE_OLDEST: readonly string[] = ['quota', 'ttl'];
const BY_CHOICE: readonly string[] = ['quota', 'ttl', 'thin'];

function brokenLaws(cards: Cards, drop: StepOf<'drop'>): string[] {
  const { lane, from, reason, held } = drop;
  const broken: string[] = [];
  const { live, sent, sentBefore, acked } = cards.lane(drop.proc, drop.epoch, lane);
  if (lane === 0 && BY_CHOICE.includes(reason)) broken.push('lane 0 was dropped from');
  if (reason === 'quota' && held !== undefined && held.bytes <= held.limit) {
    broken.push(`dropped at ${held.bytes} bytes, the limit is ${held.limit}`);
  }
  if (BY_CHOICE.includes(reason) && from <= sent) broken.push(`${from} was dropped, and sent up to ${sent}`);
  const oldest = FROM_THE_OLDEST.includes(reason) ? firstAbove(live, Math.max(sent, sentBefore, acked)) : undefined;
  if (oldest !== undefined && oldest < from) broken.push(`${from} was dropped before ${oldest}`);
  return [...broken, ...droppedTooYoung(drop, live)];
}

/** Each of two trusted clocks may be wrong by half of this. Source: sync protocol, section 5. */
const TRUSTED_WITHIN_MS = 20_000;

function droppedTooYoung({ at, from, to, ttlMs }: StepOf<'drop'>, live: ReadonlyMap<number, Step>): string[] {
  if (ttlMs === undefined) return [];
  const young = [...live].filter(
    ([seq, step]) => seq >= from && seq <= to && step.step === 'enq.ok' && at - step.at < ttlMs - TRUSTED_WITHIN_MS,
  );
  return young.map(([seq, step]) => `${seq} was dropped after ${at - step.at} ms for an age of ${ttlMs} ms`);
}

/** I17 */
export function controlGoesFirst(history: History): Finding[] {
  const findings: Finding[] = [];
  const cards = new Cards();
  for (const step of history) {
    if (step.step === 'send') findings.push(...heldBack(cards, step));
    cards.follow(step);
  }
  return findings;
}

const CONTROL: Lane = 0;

/** All that waits in lane 0 is there, or nothing else and as much of it as may be. */
function heldBack(cards: Cards, send: StepOf<'send'>): Finding[] {
  const { live, heard } = cards.lane(send.proc, send.epoch, CONTROL);
  const waiting = firstAbove(live, heard);
  if (waiting === undefined) return [];
  const ofControl = send.slices.filter(({ lane }) => lane === CONTROL);
  const isBegun = ofControl.some(({ from }) => from <= waiting);
  const isAlone = ofControl.length === send.slices.length;
  const isFull = countOf(ofControl.map(({ from, to }) => [from, to])) >= (send.window ?? 0);
  const missing = isBegun ? firstAbove(live, Math.max(heard, endOf(send))) : waiting;
  // What was accepted after a request was put together is in the next one.
  if (missing === undefined || missing > (send.control ?? missing) || (isBegun && isAlone && isFull)) return [];
  const step: Step | undefined = live.get(missing);
  return [{ what: `0/${missing} is not in the request`, evidence: step === undefined ? [send] : [step, send] }];
}

/** Up to where the request reaches in lane 0. */
function endOf({ slices, gaps }: StepOf<'send'>): number {
  return [...slices, ...gaps].reduce((end, { lane, to }) => (lane === CONTROL ? Math.max(end, to) : end), 0);
}

function firstAbove(live: ReadonlyMap<number, unknown>, mark: number): number | undefined {
  for (const seq of live.keys()) if (seq > mark) return seq;
  return undefined;
}
