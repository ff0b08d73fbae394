import type { Lane } from '../../../contract/index.js';
import type { StepOf } from '../queue/history.js';
import type { Told } from '../queue/history-writer.js';
import { LANES } from '../queue/steps.js';
import { copyOfCard, emptyCard } from './card.js';
import { HubClock } from './hub-clock.js';
import { HubInbox } from './hub-inbox.js';
import { HubLanes } from './hub-lanes.js';
import { LIMITS, type Rules } from './rules.js';
import type { Card, Offer, Piece, Reply, Request } from './types.js';

type Deps = {
  rules: Rules;
  note: (card: string, told: Told) => void;
  newName: (kind: string) => string;
  nowMs: () => number;
};

/** One hub process and its card. What is in `card` outlives a crash. */
export class ModelHub {
  readonly hub: string;
  readonly name: string;
  readonly #deps: Deps;
  readonly #clock: HubClock;
  readonly #lanes: HubLanes;
  readonly #inbox: HubInbox;
  readonly #note: (told: Told) => void;
  #card: Card;
  /** What a power cut leaves if commits are not waited for. */
  #synced: Card;
  #turn = 0;
  readonly #asked = new Map<string, number>();
  /** A cursor that was heard and is not committed. */
  #heardDown = 0;
  #tearsNext = false;

  constructor(deps: Deps, { hub, name, card }: { hub: string; name: string; card?: Card }) {
    this.#deps = deps;
    this.hub = hub;
    this.name = name;
    this.#note = (told) => deps.note(name, told);
    this.#card = card ?? emptyCard(deps.newName('e'));
    this.#synced = copyOfCard(this.#card);
    this.#clock = new HubClock(deps);
    const parts = { rules: deps.rules.hub, note: this.#note, hub };
    this.#lanes = new HubLanes(parts);
    this.#inbox = new HubInbox({
      ...parts,
      tell: (on, result) => {
        const moment = this.#clock.now();
        this.#lanes.enqueue(on, { lane: 0, hash: deps.newName(`result-${result.cmd}-`), moment, result });
      },
    });
  }

  get card(): Card {
    return this.#card;
  }

  enqueue(lane: Lane, poison: boolean): void {
    this.#lanes.enqueue(this.#card, { lane, hash: this.#deps.newName('x'), moment: this.#clock.now(), poison });
  }

  set(key: string): void {
    const hash = this.#deps.newName('v');
    this.#card.ver += 1;
    const { ver, epoch, regs } = this.#card;
    const old = regs.get(key);
    const sup = old?.dirty === true && this.#deps.rules.hub.countsOverwritten ? old.sup + 1 : 0;
    regs.set(key, { ver, sup, hash, dirty: true });
    this.#note({ step: 'reg.set', hub: this.hub, epoch, key, ver, hash });
  }

  request(): Request {
    const { rules, newName } = this.#deps;
    const { card } = this;
    const { boot, monoMs } = this.#clock.now();
    const name = newName('r');
    this.#asked.set(name, monoMs);
    const pieces: Record<Lane, Piece[]> = { 0: [], 1: [], 2: [], 3: [] };
    let left: number = LIMITS.window;
    this.#turn += 1;
    for (const lane of rules.hub.laneOrder(this.#turn)) {
      pieces[lane] = this.#lanes.pieces(card.lanes[lane], left);
      left -= pieces[lane].filter(({ row }) => row !== undefined).length;
      const last = pieces[lane].at(-1);
      card.lanes[lane].sent = Math.max(card.lanes[lane].sent, last?.row?.seq ?? last?.gap?.to ?? 0);
    }
    const regs = [...card.regs].flatMap(([key, { ver, sup, hash, dirty }]) => (dirty ? [{ key, ver, sup, hash }] : []));
    const { 0: zero, 1: one, 2: two, 3: three } = card.lanes;
    const request: Request = {
      kind: 'request',
      name,
      hub: this.hub,
      card: this.name,
      epoch: card.epoch,
      boot,
      monoNow: monoMs,
      after: { 0: zero.acked, 1: one.acked, 2: two.acked, 3: three.acked },
      pieces,
      regs,
      left: rules.hub.namesLeft ? card.left : [],
      anchors: card.anchors,
      downGen: card.gen,
      downAcked: rules.hub.namesUncommitted ? Math.max(card.downAcked, this.#heardDown) : card.downAcked,
    };
    this.#note(sendOf(request));
    if (rules.hub.deletesBeforeReply) this.#acknowledge({ 0: zero.sent, 1: one.sent, 2: two.sent, 3: three.sent });
    return request;
  }

  /** One transaction; a reply that is of no use changes nothing. Source: sync protocol, section 3 rules 3 to 6. */
  take(reply: Reply): void {
    const { rules, newName } = this.#deps;
    const { card } = this;
    const { epoch, hub, name: req } = reply.to;
    const { gen, acks, state } = reply;
    this.#note({ step: 'reply.got', hub, epoch, req, gen: String(gen), acks, state });
    if (!rules.hub.isOfThisEpoch(card, reply) || rules.hub.isOfOldGen(card, reply)) return;
    if (state !== 'open' || LANES.some((lane) => rules.hub.isForeign(card.lanes[lane], acks[lane]))) {
      this.#lanes.startEpoch(card, newName('e'));
      return;
    }
    this.#compareClocks(reply);
    this.#heardDown = Math.max(this.#heardDown, ...reply.down.map(({ downSeq }) => downSeq));
    if (this.#tearsNext) {
      this.crash('kill');
      return;
    }
    this.#enterGen(gen);
    const regs = this.#clearRegisters(reply);
    const proven = (lane: Lane) => rules.hub.proven(reply.to, lane, acks[lane]);
    this.#acknowledge({ 0: proven(0), 1: proven(1), 2: proven(2), 3: proven(3) }, regs);
    for (const offer of reply.down) this.#inbox.take(card, offer, this.#clock.now());
    this.#inbox.forget(card, reply.finalUpto);
  }

  takePush(offer: Offer): void {
    this.#inbox.take(this.#card, offer, this.#clock.now());
  }

  work(steps: number): void {
    this.#inbox.work(this.#card, this.#clock.now(), steps);
  }

  expire(): void {
    this.#lanes.expire(this.#card, this.#clock.now());
  }

  fillDisk(): void {
    this.#card.isFull = true;
    this.#note({ step: 'disk.full', hub: this.hub });
  }

  jump(byMs: number): void {
    this.#clock.jump(byMs);
  }

  /** The next transaction is undone by a kill. */
  tearNext(): void {
    this.#tearsNext = true;
  }

  /** Everything up to here outlives a power cut whatever the store waits for. */
  checkpoint(): void {
    if (!this.#deps.rules.hub.isDurable) this.#synced = copyOfCard(this.#card);
  }

  crash(by: 'kill' | 'power'): void {
    this.#note({ step: 'crash', hub: this.hub });
    if (by === 'power' && !this.#deps.rules.hub.isDurable) this.#card = copyOfCard(this.#synced);
    this.#open();
  }

  /** The card is damaged: so much of its rows can be read; 0: nothing at all, and it is another card. */
  lose(readable: number): void {
    const { rules, newName } = this.#deps;
    this.#note({ step: 'crash', hub: this.hub });
    const { epoch } = this.#card;
    const next = rules.hub.takesNewEpoch ? newName('e') : epoch;
    if (readable > 0) {
      this.#note({ step: 'card.damaged', hub: this.hub });
      let at = 0;
      this.#lanes.startEpoch(this.#card, next, () => {
        at += readable;
        return at % 1 < readable;
      });
      this.#inbox.tellAgain(this.#card);
    } else {
      this.#note({ step: 'card.lost', hub: this.hub, epoch });
      this.#card = emptyCard(next);
    }
    this.#synced = copyOfCard(this.#card);
    this.#open();
  }

  backlog(): number {
    return LANES.reduce<number>(
      (sum, lane) => sum + this.#card.lanes[lane].rows.length + this.#card.lanes[lane].gaps.length,
      0,
    );
  }

  /** What the card holds in the lanes that drop. */
  heldRows(): number {
    const { 1: one, 2: two, 3: three } = this.#card.lanes;
    return one.rows.length + two.rows.length + three.rows.length;
  }

  /** Nothing of it waits for the cloud, and nothing of the cloud's waits here. */
  isQuiet(): boolean {
    return (
      this.backlog() === 0 &&
      this.#inbox.isIdle(this.#card) &&
      ![...this.#card.regs.values()].some(({ dirty }) => dirty)
    );
  }

  #open(): void {
    const { rules } = this.#deps;
    this.#tearsNext = false;
    this.#asked.clear();
    this.#clock.restart();
    const { card } = this;
    for (const lane of LANES) card.lanes[lane].next = rules.hub.nextAfterOpen(card.lanes[lane]);
    const { 0: zero, 1: one, 2: two, 3: three } = card.lanes;
    const next = { 0: zero.next, 1: one.next, 2: two.next, 3: three.next };
    const held = LANES.flatMap((lane) => card.lanes[lane].rows.map(({ seq }) => ({ lane, from: seq, to: seq })));
    this.#note({ step: 'open', hub: this.hub, epoch: card.epoch, next, held });
    this.#inbox.recover(card);
  }

  #enterGen(gen: number): void {
    const { card } = this;
    if (gen <= card.gen) return;
    const { restartsDown, marksAllDirty } = this.#deps.rules.hub;
    // The first incarnation that it hears of is no other than before.
    if (marksAllDirty && card.gen > 0) for (const register of card.regs.values()) register.dirty = true;
    card.gen = gen;
    if (!restartsDown) return;
    card.downAcked = 0;
    this.#heardDown = 0;
    this.#inbox.advance(card);
  }

  #clearRegisters({ regAcks }: Reply): [string, number, number][] {
    return regAcks.flatMap(([key, ver]): [string, number, number][] => {
      const register = this.#card.regs.get(key);
      if (register?.dirty !== true || !this.#deps.rules.hub.clearsRegister(register.ver, ver)) return [];
      const { sup } = register;
      Object.assign(register, { dirty: false, sup: 0 });
      return [[key, register.ver, sup]];
    });
  }

  #acknowledge(acks: Readonly<Record<Lane, number>>, regs: [string, number, number][] = []): void {
    const { lanes, epoch } = this.#card;
    const isNew = LANES.some((lane) => acks[lane] > lanes[lane].acked.seq);
    for (const lane of LANES) this.#lanes.acknowledge(lanes[lane], acks[lane]);
    if (this.#deps.rules.hub.freesFullDisk && isNew) this.#card.isFull = false;
    const { 0: zero, 1: one, 2: two, 3: three } = lanes;
    const acked = { 0: zero.acked.seq, 1: one.acked.seq, 2: two.acked.seq, 3: three.acked.seq };
    this.#note({ step: 'hub.commit', hub: this.hub, epoch, acks: acked, regs });
  }

  #compareClocks(reply: Reply): void {
    const askedMs = this.#asked.get(reply.to.name);
    if (askedMs === undefined) return;
    const anchor = this.#clock.heard(reply.nowMs, askedMs);
    this.#card.anchors = [...this.#card.anchors, anchor].slice(-LIMITS.anchors);
  }
}

function sendOf(request: Request): Omit<StepOf<'send'>, 'at' | 'mono' | 'proc'> {
  const { hub, epoch, name: req, downGen, downAcked, after } = request;
  const pieces = LANES.flatMap((lane) => request.pieces[lane].map((piece) => ({ lane, ...piece })));
  return {
    step: 'send',
    hub,
    epoch,
    req,
    after: { 0: after[0].seq, 1: after[1].seq, 2: after[2].seq, 3: after[3].seq },
    slices: pieces.flatMap(({ lane, row }) => (row === undefined ? [] : [{ lane, from: row.seq, to: row.seq }])),
    gaps: pieces.flatMap(({ lane, gap }) =>
      gap === undefined ? [] : [{ lane, from: gap.from, to: gap.to, reason: gap.reason }],
    ),
    window: LIMITS.window,
    regs: request.regs.map(({ key, ver, sup }): [string, number, number] => [key, ver, sup]),
    downGen: String(downGen),
    downAcked,
  };
}
