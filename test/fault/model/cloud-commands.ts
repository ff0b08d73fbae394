import type { Told } from '../queue/history-writer.js';
import { LIMITS, type Rules } from './rules.js';
import type { Command, HubRecord, Offer, Request, Result } from './types.js';

const OPEN: readonly Command['state'][] = ['QUEUED', 'OFFERED', 'RECEIVED'];
const RESULT_STATES = {
  applied: 'APPLIED',
  failed: 'FAILED',
  superseded: 'SUPERSEDED',
  expired: 'EXPIRED',
  unknown: 'UNKNOWN',
} as const;

type Scene = {
  readonly record: HubRecord;
  readonly gen: number;
  readonly nowMs: number;
  readonly note: (told: Told) => void;
};

/** The commands of a hub in the cloud. Source: sync protocol, section 4. */
export class CloudCommands {
  readonly #rules: Rules['cloud'];

  constructor(rules: Rules['cloud']) {
    this.#rules = rules;
  }

  create(
    { record, gen, nowMs, note }: Scene,
    order: { hub: string; cmd: string; slot: string; atMostOnce: boolean; spanMs: number | null },
  ): void {
    const { hub, cmd, slot, atMostOnce, spanMs } = order;
    const last = record.commands
      .filter((command) => command.slot === slot)
      .reduce((top, { rev }) => Math.max(top, rev), 0);
    // Revisions follow the clock, so that they rise for the hub even after a restore.
    const rev = Math.max(last + 1, nowMs);
    const downSeq = record.downNext;
    record.downNext += 1;
    for (const older of record.commands) {
      if (older.slot === slot && ['QUEUED', 'OFFERED'].includes(older.state)) this.#end(older, 'SUPERSEDED', note);
    }
    const deadlineMs = spanMs === null ? null : nowMs + spanMs;
    record.commands.push({ hub, cmd, downSeq, slot, rev, atMostOnce, deadlineMs, createdMs: nowMs, state: 'QUEUED' });
    note({ step: 'cmd.create', hub, cmd, gen: String(gen), downSeq, slot, rev, atMostOnce, deadlineMs });
  }

  /** A command as it goes out by MQTT; nothing is left to send of one that is over. */
  push({ record, gen, nowMs }: Scene, pick: number): Offer | undefined {
    const open = record.commands.filter(({ state }) => state === 'QUEUED' || state === 'OFFERED');
    const command = open[Math.floor(pick * open.length)];
    if (command === undefined) return undefined;
    command.state = 'OFFERED';
    return this.#wire(command, gen, nowMs);
  }

  answer(scene: Scene, request: Request): { down: Offer[]; finalUpto: number } {
    const { record, gen, nowMs } = scene;
    const upTo = request.downGen === gen ? Math.min(request.downAcked, record.downNext - 1) : 0;
    for (const command of record.commands) {
      if (command.downSeq <= upTo && (command.state === 'QUEUED' || command.state === 'OFFERED'))
        command.state = 'RECEIVED';
    }
    const waiting = record.commands.filter(({ downSeq }) => downSeq > upTo).slice(0, LIMITS.offers);
    const down = waiting.flatMap((command): Offer[] => {
      this.#endIfOver(command, scene);
      const isOver = !OPEN.includes(command.state);
      if (isOver && !this.#rules.leavesTombstones) return [];
      const wire = this.#wire(command, gen, nowMs);
      if (isOver)
        return [
          { ...wire, tombstone: command.state === 'EXPIRED' || command.state === 'UNKNOWN' ? 'expired' : 'superseded' },
        ];
      if (command.state === 'QUEUED') command.state = 'OFFERED';
      return [wire];
    });
    const open = record.commands.filter(({ state }) => OPEN.includes(state)).map(({ downSeq }) => downSeq);
    return { down, finalUpto: Math.min(upTo, ...open.map((seq) => seq - 1)) };
  }

  /** The first word of a hub that did it stands; it wins over what the cloud had guessed. */
  applyResult({ record, note }: Scene, { cmd, state }: Result): void {
    const command = record.commands.find((one) => one.cmd === cmd);
    if (command === undefined || command.state === 'APPLIED' || command.state === 'FAILED') return;
    if (!this.#rules.takesLateResults && !OPEN.includes(command.state)) return;
    this.#end(command, RESULT_STATES[state], note);
  }

  /** Ends what is past its deadline without a word of its hub: never sent is expired, sent is unknown. */
  sweep({ record, nowMs, note }: Scene): void {
    for (const command of record.commands) {
      const { deadlineMs, state } = command;
      if (deadlineMs === null || deadlineMs + LIMITS.graceMs >= nowMs || !OPEN.includes(state)) continue;
      this.#end(command, state === 'QUEUED' ? 'EXPIRED' : 'UNKNOWN', note);
    }
  }

  #endIfOver(command: Command, { nowMs, note }: Scene): void {
    if (!OPEN.includes(command.state)) return;
    // The hub had it once and has lost its inbox since: it may have run.
    if (!this.#rules.mayOfferAgain(command)) this.#end(command, 'UNKNOWN', note);
    else if (command.deadlineMs !== null && command.deadlineMs <= nowMs) {
      this.#end(command, command.state === 'QUEUED' ? 'EXPIRED' : 'UNKNOWN', note);
    }
  }

  #end(command: Command, state: Command['state'], note: (told: Told) => void): void {
    command.state = state;
    note({ step: 'cmd.final', hub: command.hub, cmd: command.cmd, state });
  }

  #wire({ cmd, downSeq, slot, rev, atMostOnce, deadlineMs, createdMs }: Command, gen: number, nowMs: number): Offer {
    const spanMs = deadlineMs === null ? null : this.#rules.spanMs(deadlineMs, nowMs, createdMs);
    return { gen, cmd, downSeq, slot, rev, atMostOnce, spanMs, tombstone: undefined };
  }
}
