import type { Clock } from '../../hardware/index.js';
import { SimError } from '../errors.js';

/** What a driver can do wrong. */
const LINT_LEVELS = {
  /** A command or data while BUSY is held: the chip loses it. */
  'bytes-while-busy': 'fault',
  /** Bytes to a chip in deep sleep, in reset or without power. */
  'bytes-while-off': 'fault',
  /** Data before any command since the reset. */
  'data-without-command': 'fault',
  'unknown-command': 'fault',
  'wrong-parameter-count': 'fault',
  /** A command that this chip has and this model has not. */
  'not-modelled': 'fault',
  'plane-too-short': 'fault',
  'plane-too-long': 'fault',
  'refresh-without-power': 'fault',
  /** A refresh over RAM that was never written since it was lost. */
  'refresh-of-unknown-ram': 'fault',
  /** Partial mode used before a window was set. */
  'partial-without-window': 'fault',
  'window-not-aligned': 'fault',
  'window-outside': 'fault',
  'wrong-resolution': 'fault',
  'sleep-without-power-off': 'fault',
  'wrong-check-code': 'fault',
  'message-too-long': 'fault',
  /** Address counters outside the window: where the chip then writes, nobody knows. */
  'counter-outside-window': 'fault',
  /** A display update without a waveform in the chip. */
  'refresh-without-waveform': 'fault',
  /** A waveform written to the chip that no panel is known to have. */
  'unknown-waveform': 'fault',
  /** A value of a pixel that is no ink of the glass. */
  'unknown-ink': 'fault',
  /** A refresh before the registers were opened. */
  'refresh-while-locked': 'fault',
  /** Chip select rose while a plane was being written: the chip begins anew. */
  'cs-raised-in-data': 'fault',
  'spi-too-fast': 'fault',
  /** A read after a command that gives nothing: nobody drives the wire. */
  'read-of-write-only': 'fault',
  /** A read of more bytes than the answer has. */
  'read-too-long': 'fault',
  /** A read with D/C low, or before the command: the chip takes for commands what is clocked out meanwhile. */
  'read-as-command': 'fault',
  'read-without-select': 'fault',
  /** Two chips drive one wire, one high and the other low, which harms both. */
  'read-of-two-chips': 'fault',
  /** The border moves at each partial refresh: it flickers, and is left grey. */
  'border-driven': 'fault',
  /** A level that stays on the border for a whole refresh: charge that nothing takes away again, which harms the glass. */
  'border-unbalanced': 'fault',
  /** The plane that a partial refresh compares with is not what the glass shows: fragments of the old picture stay. */
  'stale-base': 'fault',
  /** The chip was told that its data comes on more wires than there are. */
  'wrong-bus-mode': 'fault',
  /** A command that burns the chip's memory, once and for ever. */
  'otp-programmed': 'fault',
  /** A reset while the high voltage was on; vendors do it between their own modes. */
  'reset-with-power': 'advice',
  'refresh-too-soon': 'advice',
  /** Bytes in the first moments after a reset; vendors send some. */
  'bytes-while-resetting': 'advice',
  /** The glass is not bonded to the first sources, and the chip was not told. */
  'source-range-not-set': 'advice',
  /** More bytes of a waveform than the chip keeps. */
  'waveform-too-long': 'advice',
  'temperature-outside': 'advice',
  'ghost-budget': 'advice',
  /** A flash that leaves the border alone, which was never driven before: it shows anything. */
  'border-unknown': 'advice',
  /** High voltage for long after a refresh harms the glass. */
  'left-powered': 'advice',
} as const satisfies Record<string, 'fault' | 'advice'>;

export type LintCode = keyof typeof LINT_LEVELS;

export interface LintFault {
  readonly code: LintCode;
  readonly level: 'fault' | 'advice';
  /** On the panel's monotonic clock. */
  readonly atMs: number;
  readonly detail: string;
}

/** `real` does what glass would and says nothing, `lint` writes broken rules down, `strict` also throws at a fault. */
export type Strictness = 'real' | 'lint' | 'strict';

/** Keeps the rules that a driver broke. */
export class Lint {
  readonly #strictness: Strictness;
  readonly #clock: Pick<Clock, 'monotonic'>;
  readonly #found: LintFault[] = [];

  constructor({ strictness, clock }: { strictness: Strictness; clock: Pick<Clock, 'monotonic'> }) {
    this.#strictness = strictness;
    this.#clock = clock;
  }

  /** Faults and advice, oldest first. */
  get found(): readonly LintFault[] {
    return [...this.#found];
  }

  get faults(): readonly LintFault[] {
    return this.#found.filter(({ level }) => level === 'fault');
  }

  get advice(): readonly LintFault[] {
    return this.#found.filter(({ level }) => level === 'advice');
  }

  /** @throws SimError `epd.rule-broken` for a fault when strict */
  report(code: LintCode, detail: string): void {
    if (this.#strictness === 'real') return;
    const level = LINT_LEVELS[code];
    this.#found.push({ code, level, atMs: this.#clock.monotonic(), detail });
    if (level === 'fault' && this.#strictness === 'strict') {
      throw new SimError('epd.rule-broken', `${code}: ${detail}`);
    }
  }
}
