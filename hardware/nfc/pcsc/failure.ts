import type { HardwareErrorCode } from '../../errors.js';

/** What may be wrong about PC/SC itself, as opposed to the tag. */
export const PCSC_FAILURES = [
  'nfc.not-installed',
  'nfc.no-service',
  'nfc.no-reader',
  'nfc.reader-busy',
  'nfc.reader-failed',
] as const satisfies readonly HardwareErrorCode[];

export type PcscFailure = { code: (typeof PCSC_FAILURES)[number]; message: string };

/** What became of a transfer that PC/SC did not carry out. */
export type FailedTransfer = 'tag-gone' | 'tag-reset' | PcscFailure;

// pcsclite.h of PCSC-Lite: the return values that mean something to us.
const NO_SERVICE = [0x8010_001d, 0x8010_001e, 0x8010_0013];
const NO_READER = [0x8010_0009, 0x8010_0017, 0x8010_002e];
const SHARING_VIOLATION = 0x8010_000b;
const RESET_CARD = 0x8010_0068;
const TAG_GONE = [
  0x8010_000c, // no smart card
  0x8010_0016, // not transacted: a tag that is lifted in the middle of a transfer
  0x8010_0066, // unresponsive
  0x8010_0067, // unpowered
  0x8010_0069, // removed
];

/** Reads the return value that the binding puts into the text of its errors. */
export function failedTransfer(error: unknown): FailedTransfer {
  const message = textOf(error);
  const value = Number.parseInt(/0x([0-9a-f]{8})\b/i.exec(message)?.[1] ?? '', 16);
  if (TAG_GONE.includes(value)) return 'tag-gone';
  if (value === RESET_CARD) return 'tag-reset';
  if (NO_SERVICE.includes(value)) return { code: 'nfc.no-service', message };
  if (NO_READER.includes(value)) return { code: 'nfc.no-reader', message };
  if (value === SHARING_VIOLATION) return { code: 'nfc.reader-busy', message };
  return { code: 'nfc.reader-failed', message };
}

function textOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return 'previous' in error && error.previous instanceof Error ? error.previous.message : error.message;
}
