import type { Told } from '../queue/history-writer.js';
import { LIMITS, type Rules } from './rules.js';
import type { Card, InboxRow, Moment, Offer, Result } from './types.js';

/** A command between its start and its end; in memory only. */
type Acting = { readonly row: InboxRow; hadEffect: boolean };

/** The commands of one hub. Source: sync protocol, section 4. */
export class HubInbox {
  readonly #rules: Rules['hub'];
  readonly #note: (told: Told) => void;
  readonly #hub: string;
  readonly #tell: (card: Card, result: Result) => void;
  #acting: Acting | undefined;

  /** `tell` puts a result into lane 0. */
  constructor(deps: { rules: Rules['hub']; note: (told: Told) => void; hub: string; tell: (card: Card, result: Result) => void }) {
    this.#rules = deps.rules;
    this.#note = deps.note;
    this.#hub = deps.hub;
    this.#tell = deps.tell;
  }

  take(card: Card, offer: Offer, now: Moment): void {
    if (offer.gen !== card.gen) return;
    const known = card.inbox.get(offer.cmd);
    if (known !== undefined && this.#rules.isKnown(known)) {
      if (!this.#rules.isHeld(card, offer)) this.#place(card, known, offer);
      if (offer.tombstone !== undefined && known.state === 'NEW') this.#end(card, known, offer.tombstone);
    } else if (!this.#rules.isHeld(card, offer)) this.#insert(card, offer, now);
    this.advance(card);
  }

  /** Up to here every command is in the inbox. */
  advance(card: Card): void {
    const held = new Set([...card.inbox.values()].filter(({ gen }) => gen === card.gen).map(({ downSeq }) => downSeq));
    while (held.has(card.downAcked + 1)) card.downAcked += 1;
  }

  forget(card: Card, finalUpto: number): void {
    for (const [cmd, { gen, downSeq, state }] of card.inbox) {
      if (gen === card.gen && downSeq <= Math.min(finalUpto, card.downAcked) && state === 'DONE') card.inbox.delete(cmd);
    }
  }

  /** Goes on with a command by one, two or three of: start, effect, end. */
  work(card: Card, now: Moment, steps: number): void {
    for (let left = steps; left > 0; left -= 1) {
      if (this.#acting === undefined) this.#start(card, now);
      else if (!this.#acting.hadEffect) this.#effect(card, this.#acting, now);
      else this.#finish(card, this.#acting.row);
    }
  }

  isIdle(card: Card): boolean {
    return this.#acting === undefined && ![...card.inbox.values()].some(({ state }) => state === 'NEW');
  }

  /** What a process that is gone left in the middle. */
  recover(card: Card): void {
    this.#acting = undefined;
    for (const row of [...card.inbox.values()].filter(({ state }) => state === 'STARTED').sort(inOrder)) {
      const newest = card.slots.get(row.slot);
      if (!this.#rules.runsAgain(row)) this.#end(card, row, 'unknown');
      else if (newest !== undefined && newest.rev > row.rev) this.#end(card, row, 'superseded');
      else if (row.attempts >= LIMITS.attempts) this.#end(card, row, 'failed');
      else row.state = 'NEW';
    }
  }

  /** A restored cloud offers again what is known here; the result that it lacks may be lost with what it lost. */
  #place(card: Card, known: InboxRow, { gen, downSeq, tombstone }: Offer): void {
    Object.assign(known, { gen, downSeq });
    if (!this.#rules.tellsAgain || tombstone !== undefined || known.result === undefined) return;
    this.#tell(card, { cmd: known.cmd, state: known.result });
  }

  #insert(card: Card, offer: Offer, { boot, monoMs, wallMs }: Moment): void {
    const { spanMs, slot, rev, gen } = offer;
    const newest = card.slots.get(slot);
    const deadline = spanMs === null ? undefined : { boot, monoMs: monoMs + spanMs, wallMs: wallMs + spanMs };
    const row: InboxRow = { ...offer, state: offer.tombstone === undefined ? 'NEW' : 'DONE', attempts: 0, deadline, result: undefined };
    card.inbox.set(offer.cmd, row);
    if (newest === undefined || rev > newest.rev) card.slots.set(slot, { gen, rev });
    const { cmd, downSeq } = offer;
    const tombstone = offer.tombstone !== undefined;
    this.#note({
      step: 'cmd.recv',
      hub: this.#hub,
      boot,
      bootMs: monoMs,
      cmd,
      gen: String(gen),
      downSeq,
      slot,
      rev,
      spanMs,
      tombstone,
    });
    if (tombstone) return;
    // Of what an earlier incarnation brought, nobody knows any more whether it was this command and ran.
    if (this.#rules.isOutdated(newest, offer)) this.#end(card, row, (newest?.gen ?? gen) < gen ? 'unknown' : 'superseded');
    for (const older of card.inbox.values()) {
      if (older.state === 'NEW' && this.#rules.supersedes(older, offer)) this.#end(card, older, 'superseded');
    }
  }

  #start(card: Card, now: Moment): void {
    const row = this.#rules.next([...card.inbox.values()].filter(({ state }) => state === 'NEW').sort(inOrder));
    if (row === undefined) return;
    if (this.#rules.isOverdue(row, now)) {
      this.#end(card, row, 'expired');
      return;
    }
    row.state = 'STARTED';
    row.attempts += 1;
    this.#acting = { row, hadEffect: false };
    this.#note({ step: 'cmd.start', hub: this.#hub, cmd: row.cmd });
  }

  #effect(card: Card, acting: Acting, { boot, monoMs, wallMs, wq }: Moment): void {
    const { row } = acting;
    if (this.#rules.isOverdue(row, { boot, monoMs, wallMs, wq })) {
      this.#end(card, row, 'expired');
      return;
    }
    acting.hadEffect = true;
    if (this.#rules.resultFirst) this.#end(card, row, 'applied');
    this.#note({ step: 'cmd.effect', hub: this.#hub, boot, bootMs: monoMs, cmd: row.cmd, slot: row.slot, rev: row.rev });
  }

  #finish(card: Card, row: InboxRow): void {
    if (row.state === 'STARTED') this.#end(card, row, 'applied');
    this.#acting = undefined;
  }

  #end(card: Card, row: InboxRow, state: Result['state']): void {
    if (this.#acting?.row === row) this.#acting = undefined;
    if (this.#rules.endsWithResult) Object.assign(row, { state: 'DONE', result: state });
    const { cmd } = row;
    this.#note({ step: 'cmd.result', hub: this.#hub, cmd, state });
    this.#tell(card, { cmd, state });
  }
}

function inOrder(a: Offer, b: Offer): number {
  return a.gen - b.gen || a.downSeq - b.downSeq;
}
