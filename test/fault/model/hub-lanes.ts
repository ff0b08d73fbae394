import type { GapReason, Lane } from '../../../contract/index.js';
import type { Told } from '../queue/history-writer.js';
import { LANES } from '../queue/steps.js';
import { LIMITS, type Rules } from './rules.js';
import type { Card, Gap, LaneOnCard, Moment, Piece, Result, Row } from './types.js';

/** The log lanes of one hub's card: what is taken, dropped, sent, acknowledged and moved. Source: sync protocol, sections 4 and 6. */
export class HubLanes {
  readonly #rules: Rules['hub'];
  readonly #note: (told: Told) => void;
  readonly #hub: string;

  constructor(deps: { rules: Rules['hub']; note: (told: Told) => void; hub: string }) {
    this.#rules = deps.rules;
    this.#note = deps.note;
    this.#hub = deps.hub;
  }

  enqueue(card: Card, event: { lane: Lane; hash: string; moment: Moment; poison?: boolean; result?: Result }): void {
    const { lane, hash, moment, poison = false, result } = event;
    const hub = this.#hub;
    this.#note({ step: 'enq.call', hub, lane, hash });
    const code = this.#refusal(card, lane, result);
    if (code !== undefined) {
      this.#note({ step: 'enq.err', hub, lane, hash, code });
      return;
    }
    if (lane !== 0) this.#makeRoom(card, lane);
    const held = card.lanes[lane];
    const seq = held.next;
    held.next += 1;
    held.rows.push({ ...moment, hash, seq, was: [], poison, result, isLeft: false });
    this.#note({ step: 'enq.ok', hub, epoch: card.epoch, lane, hash, seq, id: hash });
  }

  /** Drops what is too old to matter, from the oldest on. */
  expire(card: Card, now: Moment): void {
    for (const lane of LANES) {
      if (lane === 0) continue;
      const rows = this.#droppable(card.lanes[lane]);
      const young = rows.findIndex((row) => !this.#rules.isExpired(row, now));
      this.#drop(card, lane, rows.slice(0, young < 0 ? rows.length : young), { reason: 'ttl', ttlMs: LIMITS.ttlMs });
    }
  }

  /** What covers a lane from the last acknowledged number on, so many events of it. */
  pieces(lane: LaneOnCard, events: number): Piece[] {
    const pieces: Piece[] = [];
    let left = events;
    const gaps = [...lane.gaps];
    for (const row of lane.rows) {
      while (gaps[0] !== undefined && gaps[0].from < row.seq) pieces.push({ gap: gaps[0] }) && gaps.shift();
      if (left === 0) return pieces;
      pieces.push({ row });
      left -= 1;
    }
    return [...pieces, ...gaps.map((gap) => ({ gap }))];
  }

  /** A stale acknowledgement changes nothing. */
  acknowledge(held: LaneOnCard, ack: number): void {
    if (ack <= held.acked.seq) return;
    const upTo = this.#rules.ackedUpTo(held, ack);
    held.acked = { seq: ack, id: held.rows.find(({ seq }) => seq === ack)?.hash ?? null };
    held.rows = held.rows.filter(({ seq }) => seq > upTo);
    held.gaps = held.gaps.flatMap((gap) => (gap.to <= upTo ? [] : [{ ...gap, from: Math.max(gap.from, upTo + 1) }]));
  }

  /** Everything that is held moves into a new epoch and keeps where it was; what cannot be read becomes a gap. */
  startEpoch(card: Card, epoch: string, isReadable: (row: Row) => boolean = () => true): void {
    const old = card.epoch;
    const { 0: zero, 1: one, 2: two, 3: three } = card.lanes;
    card.left = [
      ...card.left,
      { epoch: old, after: { 0: zero.acked, 1: one.acked, 2: two.acked, 3: three.acked } },
    ].slice(-16);
    card.epoch = epoch;
    for (const lane of LANES) this.#renumber(card, lane, old, isReadable);
    for (const [key, register] of card.regs) {
      register.dirty = true;
      this.#note({ step: 'reg.set', hub: this.#hub, epoch, key, ver: register.ver, hash: register.hash });
    }
  }

  #renumber(card: Card, lane: Lane, old: string, isReadable: (row: Row) => boolean): void {
    const held = card.lanes[lane];
    const rows: Row[] = [];
    const gaps: Gap[] = [];
    let next = 1;
    // What may be on its way may be in the cloud: it is not dropped in the new epoch either.
    let sent = 0;
    for (const { row, gap } of this.pieces(
      { ...held, rows: [...this.#rules.moved(held.rows)] },
      Number.POSITIVE_INFINITY,
    )) {
      const from = { from: row?.seq ?? gap?.from ?? 1, to: row?.seq ?? gap?.to ?? 1 };
      const was = this.#rules.was(row?.was ?? gap?.was ?? [], { epoch: old, ...from });
      const to = { from: next, to: next + from.to - from.from };
      if (row !== undefined && isReadable(row)) rows.push({ ...row, seq: next, was });
      else gaps.push({ reason: gap?.reason ?? 'corrupt', ...to, was });
      const what = rows.at(-1)?.seq === next ? 'event' : 'gap';
      this.#note({
        step: 'move',
        hub: this.#hub,
        lane,
        what,
        from: { epoch: old, ...from },
        to: { epoch: card.epoch, ...to },
      });
      next = to.to + 1;
      if (from.to <= this.#rules.sentBefore(held)) sent = to.to;
    }
    card.lanes[lane] = { next, acked: { seq: 0, id: null }, sent, rows, gaps };
  }

  #refusal(card: Card, lane: Lane, result: Result | undefined): string | undefined {
    // The room that is kept for results is on the card already.
    if (result !== undefined) return undefined;
    if (card.isFull) return 'storage.full';
    return lane === 0 && card.lanes[0].rows.length >= LIMITS.quota[0] ? 'outbox.full' : undefined;
  }

  #droppable(lane: LaneOnCard): readonly Row[] {
    const floor = this.#rules.dropFloor(lane);
    return lane.rows.filter(({ seq }) => seq > floor);
  }

  #makeRoom(card: Card, lane: Lane): void {
    const held = card.lanes[lane];
    const rows = held.rows.length + 1;
    const quota = this.#rules.quota(lane);
    if (rows <= quota) return;
    const bound = { bytes: rows, limit: LIMITS.quota[lane] };
    const candidates = this.#droppable(held);
    const thinned =
      lane === 2 ? candidates.slice(0, Math.ceil(candidates.length / 2)).filter(({ isLeft }) => !isLeft) : [];
    if (thinned.length >= LIMITS.thinTo) {
      const stays = thinned.filter((_, index) => index % LIMITS.thinTo === 0);
      held.rows = held.rows.map((row) => (stays.includes(row) ? { ...row, isLeft: true } : row));
      this.#drop(
        card,
        lane,
        thinned.filter((row) => !stays.includes(row)),
        { reason: 'thin', held: bound },
      );
    }
    const over = held.rows.length + 1 - quota;
    const oldest = this.#rules.dropOrder(this.#droppable(held)).slice(0, Math.max(over, 0));
    this.#drop(card, lane, oldest, { reason: 'quota', held: bound });
  }

  #drop(
    card: Card,
    lane: Lane,
    rows: readonly Row[],
    why: { reason: GapReason; held?: { bytes: number; limit: number }; ttlMs?: number },
  ): void {
    const held = card.lanes[lane];
    for (const { seq } of rows) {
      this.#note({ step: 'drop', hub: this.#hub, epoch: card.epoch, lane, from: seq, to: seq, ...why });
      held.rows = held.rows.filter((row) => row.seq !== seq);
      if (this.#rules.namesDrops) held.gaps = withGap(held.gaps, { from: seq, to: seq, reason: why.reason, was: [] });
    }
  }
}

/** Neighbours of one reason are one gap, as long as neither was elsewhere before. */
function withGap(gaps: readonly Gap[], gap: Gap): Gap[] {
  const merged: Gap[] = [];
  for (const one of [...gaps, gap].sort((a, b) => a.from - b.from)) {
    const last = merged.at(-1);
    const joins = last !== undefined && last.to + 1 === one.from && last.reason === one.reason;
    if (joins && last.was.length + one.was.length === 0) merged.splice(-1, 1, { ...last, to: one.to });
    else merged.push(one);
  }
  return merged;
}
