/** What a chip answers to a native command: bytes, the 4-bit ACK, the 4-bit NAK, or nothing since it has left the field. */
export type NativeAnswer = { kind: 'data'; bytes: Uint8Array } | { kind: 'ack' } | { kind: 'nak' } | { kind: 'gone' };

interface Chip {
  readonly uid: Uint8Array;
  /** Whether the field still reaches the tag. */
  readonly inField: boolean;
  /** Puts the tag into the field again after it has left it. */
  return(): void;
  /** Makes it forget what it keeps only as long as it has power. */
  powerCycle(): void;
}

/** A tag of NFC Forum type 2, spoken to in native commands. */
export interface PageTag extends Chip {
  readonly kind: 'pages';
  command(frame: Uint8Array): NativeAnswer;
}

/** A tag of NFC Forum type 4, spoken to in APDUs; an empty answer means that it has left the field. */
export interface FileTag extends Chip {
  readonly kind: 'files';
  apdu(command: Uint8Array): Uint8Array;
}

/** Anything that can be put down on a simulated reader. */
export type SimTag = PageTag | FileTag;
