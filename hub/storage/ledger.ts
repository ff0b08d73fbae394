import type { HubEvent, Page, PresentationTimes } from '../../contract/index.js';
import { timestamp } from '../boot.js';
import type { Use } from './appender.js';
import type { Database } from './database.js';
import type { Displays, Restore, Wear } from './displays.js';
import type { CommandResult, Inbox } from './inbox.js';
import type { Outbox } from './outbox.js';
import type { Presentation, Presentations } from './presentations.js';

/** What is asked to be shown. */
export type Asked = {
  presentationId: string;
  displayId: string;
  cmdId: string | null;
  origin: 'cloud' | 'local';
  page: Page;
  askedMs: number;
};

/** A refresh that the panel has finished. */
export type Proof = {
  displayId: string;
  /** null: a screen of the hub's own, or one without a presentation. */
  presentationId: string | null;
  frameSha256: string;
  refresh: 'full' | 'fast' | 'partial';
  /** What the glass has been through, this refresh included. */
  wear: Wear;
  paintedMs: number;
  /** What comes back to the glass later. */
  restore?: Restore;
};

/** Why a presentation did not reach the glass. */
export type ShowFailure = { stage: 'fetch' | 'render' | 'paint'; code: string; message: string; retryable: boolean };

type PresentationEvent = Extract<HubEvent, { type: `presentation.${string}` }>;

type LedgerDisplays = Pick<
  Displays,
  'get' | 'list' | 'setPending' | 'setShown' | 'setRestore' | 'beginRefresh' | 'clear'
>;

const MAX_MESSAGE_CHARACTERS = 500;

/** What must be committed together: an end, the event that tells of it, and the rows that it changes. */
export class Ledger {
  readonly #database: Database;
  readonly #outbox: Pick<Outbox, 'append'>;
  readonly #inbox: Pick<Inbox, 'finish' | 'get' | 'resultOf'>;
  readonly #displays: LedgerDisplays;
  readonly #presentations: Presentations;
  readonly #isAlone: boolean;
  readonly #now: () => number;

  /** `isAlone`: there is no cloud to tell of what is asked for at the hub itself. `now` is the wall clock in milliseconds. */
  constructor(deps: {
    database: Database;
    outbox: Pick<Outbox, 'append'>;
    inbox: Pick<Inbox, 'finish' | 'get' | 'resultOf'>;
    displays: LedgerDisplays;
    presentations: Presentations;
    isAlone?: boolean;
    now: () => number;
  }) {
    this.#database = deps.database;
    this.#outbox = deps.outbox;
    this.#inbox = deps.inbox;
    this.#displays = deps.displays;
    this.#presentations = deps.presentations;
    this.#isAlone = deps.isAlone ?? false;
    this.#now = deps.now;
  }

  /**
   * Takes a presentation on; from here on it is confirmed, superseded or failed, whatever happens.
   * `overtaken`: something newer for the display is here already.
   */
  accept(asked: Asked, { overtaken = false }: { overtaken?: boolean } = {}): void {
    this.#database.write(() => {
      const receivedMs = this.#now();
      this.#presentations.insert({ ...asked, receivedMs });
      if (!overtaken) this.#displays.setPending(asked.displayId, asked.presentationId);
      const body = { ...eventOf(asked), at: timestamp(receivedMs) };
      this.#report({ type: 'presentation.received', body }, 'new');
    });
  }

  /** Before the first byte of a refresh leaves: the glass is no longer what it was. */
  beginRefresh(displayId: string, rendered?: { presentationId: string; frameSha256: string; atMs: number }): void {
    this.#database.write(() => {
      this.#displays.beginRefresh(displayId, this.#now());
      if (rendered === undefined) return;
      this.#presentations.setRendered(rendered.presentationId, rendered.frameSha256, rendered.atMs);
    });
  }

  /** Proof of glass: the display, its presentation and its command in one commit. */
  confirm(proof: Proof): PresentationTimes | undefined {
    return this.#database.write(() => {
      const confirmedMs = this.#now();
      this.#displays.setShown(proof.displayId, { ...proof, atMs: proof.paintedMs });
      if (proof.restore !== undefined) this.#displays.setRestore(proof.displayId, proof.restore);
      if (proof.presentationId === null) return undefined;
      const presentation = this.#presentations.get(proof.presentationId);
      // The household that asked for it has left the hub while it was painted.
      if (presentation === undefined) this.#displays.clear(proof.displayId);
      // Shown again after something else was on the glass: it was confirmed before.
      if (presentation === undefined || !isOpen(presentation)) return undefined;
      const times: PresentationTimes = {
        received: timestamp(presentation.receivedMs),
        rendered: timestamp(presentation.renderedMs ?? proof.paintedMs),
        painted: timestamp(proof.paintedMs),
        confirmed: timestamp(confirmedMs),
      };
      const { frameSha256, refresh, paintedMs } = proof;
      this.#presentations.setConfirmed(presentation.presentationId, frameSha256, { paintedMs, confirmedMs });
      if (presentation.cmdId !== null) this.#finishCommand(presentation.cmdId, APPLIED);
      const body = { ...eventOf(presentation), frameSha256, refresh, times };
      this.#report({ type: 'presentation.confirmed', body });
      return times;
    });
  }

  /** After a stop: of what is open for a display, only what was accepted last is still wanted. */
  endOvertaken(): void {
    this.#database.write(() => {
      const open = this.#presentations.open();
      for (const { displayId, pendingPresentationId: latest } of this.#displays.list()) {
        if (latest === null) continue;
        const overtaken = open.filter((one) => one.displayId === displayId && one.presentationId !== latest);
        for (const { presentationId } of overtaken) this.supersede(presentationId, latest);
      }
    });
  }

  /** Ends a presentation that something newer replaced, and its command. */
  supersede(presentationId: string, by: string | null): void {
    const why = { code: 'command.superseded', message: `replaced by ${by ?? 'something newer'}` };
    this.#end(presentationId, 'superseded', why, (presentation) => ({
      type: 'presentation.superseded',
      body: { ...eventOf(presentation), at: timestamp(this.#now()), by },
    }));
  }

  /** Ends a presentation that cannot be shown, and its command. */
  fail(presentationId: string, failure: ShowFailure, result: CommandResult['state'] = 'failed'): void {
    const why = { code: failure.code, message: failure.message.slice(0, MAX_MESSAGE_CHARACTERS) };
    this.#end(
      presentationId,
      'failed',
      why,
      (presentation) => ({
        type: 'presentation.failed',
        body: { ...eventOf(presentation), at: timestamp(this.#now()), ...failure, ...why },
      }),
      result,
    );
  }

  /** Ends a command of any kind, with the presentation that it asked for. `also` joins the transaction. */
  endCommand(cmdId: string, result: CommandResult, more: { by?: string | null; also?: () => void } = {}): void {
    this.#database.write(() => {
      more.also?.();
      const presentation = this.#presentations.openOf(cmdId);
      if (presentation === undefined) this.#finishCommand(cmdId, result);
      else if (result.state === 'superseded') this.supersede(presentation.presentationId, more.by ?? null);
      else {
        const why = { code: result.code ?? 'command.failed', message: result.message ?? result.state };
        this.fail(presentation.presentationId, { stage: 'paint', ...why, retryable: false }, result.state);
      }
    });
  }

  /** Tells the end of a command once more, as whoever offers it again has lost it. */
  tellAgain(cmdId: string, kind: string): void {
    const result = this.#inbox.resultOf(cmdId);
    if (result !== undefined) this.#tell(cmdId, kind, result);
  }

  #end(
    presentationId: string,
    state: 'superseded' | 'failed',
    why: { code: string; message: string },
    eventFor: (presentation: Presentation) => PresentationEvent,
    result: CommandResult['state'] = state,
  ): void {
    this.#database.write(() => {
      const presentation = this.#presentations.get(presentationId);
      if (presentation === undefined || !this.#presentations.end(presentationId, state, why)) return;
      const display = this.#displays.get(presentation.displayId);
      if (display?.pendingPresentationId === presentationId) this.#displays.setPending(display.displayId, null);
      if (presentation.cmdId !== null) this.#finishCommand(presentation.cmdId, { state: result, ...why });
      this.#report(eventFor(presentation));
    });
  }

  /** What a cloud asked for is told to its end, also when the hub works alone by now. */
  #report(event: PresentationEvent, use?: Use): void {
    if (!this.#isAlone || event.body.origin === 'cloud') this.#outbox.append(event, use);
  }

  #finishCommand(cmdId: string, result: CommandResult): void {
    const row = this.#inbox.get(cmdId);
    if (row === undefined || !this.#inbox.finish(cmdId, result)) return;
    this.#tell(cmdId, row.kind, result);
  }

  #tell(cmdId: string, kind: string, result: CommandResult): void {
    const message = result.message?.slice(0, MAX_MESSAGE_CHARACTERS) ?? null;
    this.#outbox.append({ type: 'cmd.result', body: { cmdId, kind, ...result, message } });
  }
}

const APPLIED: CommandResult = { state: 'applied', code: null, message: null };

function isOpen(presentation: Presentation): boolean {
  return presentation.state === 'received' || presentation.state === 'rendered';
}

function eventOf(asked: Pick<Asked, 'presentationId' | 'displayId' | 'cmdId' | 'origin'>) {
  const { presentationId, displayId, cmdId, origin } = asked;
  return { presentationId, displayId, cmdId, origin };
}
