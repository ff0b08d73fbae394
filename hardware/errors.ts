/** Stable words for what can go wrong on a wire. */
export type HardwareErrorCode =
  /** A flag of the command that prints the panels does not exist. */
  | 'panels.bad-option'
  /** No row of the panel table has this id. */
  | 'epd.unknown-panel'
  /** The frame was not made for this panel. */
  | 'epd.wrong-geometry'
  /** The panel has no refresh of this kind. */
  | 'epd.no-such-mode'
  /** A partial refresh was asked for, but nobody knows what the glass shows. */
  | 'epd.previous-unknown'
  /** BUSY was held longer than the panel can need. */
  | 'epd.busy-timeout'
  /** BUSY did not answer a refresh: no panel, no power, or a broken wire. */
  | 'epd.no-answer'
  /** This is no Linux on a processor that we speak to the kernel of. */
  | 'linux.unsupported'
  /** There is no such SPI bus, or no GPIO chip of a Raspberry Pi's header. */
  | 'linux.no-device'
  /** The user may not open the device. */
  | 'linux.no-permission'
  /** Another process or a driver holds a line that the panel is wired to. */
  | 'linux.line-held'
  /** The board that the panel is wired to has no such line. */
  | 'linux.not-wired'
  /** A transfer is longer than spidev takes in one message. */
  | 'linux.message-too-long'
  /** The device went away while it was open. */
  | 'linux.device-gone'
  /** The device was closed by us. */
  | 'linux.closed'
  /** The kernel refused for another reason, which the message names. */
  | 'linux.refused'
  /** BUSY was held while a picture was sent: the controller has begun anew, as after a dip of its supply. */
  | 'epd.chip-restarted'
  /** Nobody serves hardware at the socket's path. */
  | 'socket.unreachable'
  /** The connection to the hardware server is gone. */
  | 'socket.closed'
  /** The other end of the hardware socket does not speak its protocol. */
  | 'socket.protocol'
  /** The hardware server could not do what was asked. */
  | 'socket.refused'
  /** What lies on the tag is not a well-formed TLV area or NDEF message. */
  | 'ndef.malformed'
  /** A message is longer than the 1 KB that we read and write. */
  | 'ndef.too-long'
  /** A well-formed message uses a part of NDEF that we do not read: records in chunks. */
  | 'ndef.unsupported'
  /** A record that was to be written breaks the rules of its kind. */
  | 'ndef.bad-record'
  /** No tag lies on the reader, or it was lifted while we spoke to it. */
  | 'nfc.no-tag'
  /** The tag is not an NTAG213, 215 or 216 that is formatted for NDEF. */
  | 'nfc.unsupported-tag'
  /** The tag is write-protected. */
  | 'nfc.tag-locked'
  /** The message does not fit on the tag. */
  | 'nfc.tag-full'
  /** The tag or the reader refused a read. */
  | 'nfc.read-failed'
  /** The tag or the reader refused a write. */
  | 'nfc.write-failed'
  /** What was read back is not what was written. */
  | 'nfc.verify-failed'
  /** The package that speaks to tag readers is not installed, or was not built. */
  | 'nfc.not-installed'
  /** pcscd, which owns the tag readers, does not run, or does not let this user in. */
  | 'nfc.no-service'
  /** pcscd, or a reader's driver in it, gives no answer. */
  | 'nfc.service-hangs'
  /** There is no tag reader, or none of that name. */
  | 'nfc.no-reader'
  /** Tags lie on several readers, and no reader was named. */
  | 'nfc.several-tags'
  /** Another process keeps the reader to itself. */
  | 'nfc.reader-busy'
  /** Reader, driver or library failed in a way that the message tells. */
  | 'nfc.reader-failed'
  /** The reader was closed by us. */
  | 'nfc.stopped';

export class HardwareError extends Error {
  readonly code: HardwareErrorCode;

  constructor(code: HardwareErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'HardwareError';
    this.code = code;
  }
}
