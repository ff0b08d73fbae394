import type { GapReason } from '../../../contract/index.js';
import type { History, Step, StepOf } from './history.js';
import { entryOf, LANES, streamOf } from './steps.js';
import type { Context, Finding, GapRow } from './verdict.js';

/** Of I1: a gap says why something is not there, and that must be true. */
export function gapsHaveReasons(history: History, { cloud, isDamageNoted = false }: Context): Finding[] {
  if (cloud === undefined || cloud.gaps.length === 0) return [];
  const reasons = new Reasons(isDamageNoted);
  for (const step of history) reasons.follow(step);
  return cloud.gaps.flatMap((gap) => {
    const flaw = reasons.flawOf(gap);
    return flaw === undefined ? [] : [{ what: `a gap of ${streamOf(gap)}: ${flaw}`, evidence: [] }];
  });
}

/** What lies inside a dropped range was thinned out before, and one gap names both. */
const SWALLOWS_THIN: readonly GapReason[] = ['quota', 'ttl'];

/** Why each number may be named in a gap, by what hubs and clouds said. */
class Reasons {
  readonly #isDamageNoted: boolean;
  readonly #named = new Map<string, Map<number, Set<GapReason>>>();
  readonly #damaged = new Set<string>();
  /** Up to where a hub knew itself acknowledged. */
  readonly #heard = new Map<string, number>();
  /** The marks that each restored backup had. */
  readonly #restored: Map<string, number>[] = [];

  constructor(isDamageNoted: boolean) {
    this.#isDamageNoted = isDamageNoted;
  }

  follow(step: Step): void {
    if (step.step === 'card.damaged') this.#damaged.add(step.proc);
    else if (step.step === 'card.cloned' && this.#damaged.has(step.of)) this.#damaged.add(step.proc);
    else if (step.step === 'drop') this.#dropped(step);
    else if (step.step === 'move' && step.what === 'gap') this.#moved(step);
    else if (step.step === 'send') this.#hear(step, step.after);
    else if (step.step === 'reply.got' && step.state === 'open') this.#hear(step, step.acks);
    else if (step.step === 'restore') this.#restored.push(new Map(step.streams.map((row) => [streamOf(row), row.hwm])));
  }

  /** Undefined if every number of it has its reason. */
  flawOf({ from, to, reason, ...place }: GapRow): string | undefined {
    const stream = streamOf(place);
    if (reason === 'cloud_rollback') {
      const isLost = this.#restored.some((marks) => (marks.get(stream) ?? 0) < from);
      if (!isLost) return `${from}..${to} is said to be lost, and no restored backup lacks it`;
      const heard = this.#heard.get(stream) ?? 0;
      return to > heard ? `${from}..${to} is said to be lost, acknowledged was ${heard}` : undefined;
    }
    if (reason === 'corrupt' && !this.#isDamageNoted) return undefined;
    for (let seq = from; seq <= to; seq += 1) {
      const known = this.#at(stream, seq);
      const isSwallowed = SWALLOWS_THIN.includes(reason) && known.has('thin');
      if (!known.has(reason) && !isSwallowed) return `${seq} has no reason to be named as ${reason}`;
    }
    return undefined;
  }

  #at(stream: string, seq: number): ReadonlySet<GapReason> {
    return this.#named.get(stream)?.get(seq) ?? new Set();
  }

  #name(stream: string, seq: number, reason: GapReason): void {
    const numbers = entryOf(this.#named, stream, () => new Map());
    entryOf(numbers, seq, () => new Set()).add(reason);
  }

  #dropped(drop: StepOf<'drop'>): void {
    if (drop.reason === 'corrupt' && !this.#damaged.has(drop.proc)) return;
    for (let seq = drop.from; seq <= drop.to; seq += 1) this.#name(streamOf(drop), seq, drop.reason);
  }

  /** A gap takes its reason along; what cannot be read any more becomes one. */
  #moved({ proc, hub, lane, from, to }: StepOf<'move'>): void {
    const old = streamOf({ hub, lane, epoch: from.epoch });
    const stream = streamOf({ hub, lane, epoch: to.epoch });
    const isStraight = to.to - to.from === from.to - from.from;
    for (let seq = to.from; seq <= to.to; seq += 1) {
      const [first, last] = isStraight ? [from.from + seq - to.from, from.from + seq - to.from] : [from.from, from.to];
      for (let was = first; was <= last; was += 1) {
        for (const reason of this.#at(old, was)) this.#name(stream, seq, reason);
      }
      if (this.#damaged.has(proc)) this.#name(stream, seq, 'corrupt');
    }
  }

  #hear(step: StepOf<'send' | 'reply.got'>, marks: StepOf<'send'>['after']): void {
    for (const lane of LANES) {
      const stream = streamOf({ ...step, lane });
      this.#heard.set(stream, Math.max(this.#heard.get(stream) ?? 0, marks[lane] ?? 0));
    }
  }
}
