import { HardwareError } from '../errors.js';
import type { NfcReader } from '../ports.js';
import { decodeNdef, MAX_NDEF_BYTES, type NdefRecord } from './ndef.js';

// NFC Forum Type 4 Tag 1.0: the application, its capability container, and the block in that which names the NDEF file.
const APPLICATION = [0xd2, 0x76, 0x00, 0x00, 0x85, 0x01, 0x01] as const;
const CAPABILITY_CONTAINER = [0xe1, 0x03] as const;
const CC_BYTES = 15;
const CC_BLOCK_AT = 7;
const NDEF_FILE_BLOCK = [0x04, 0x06] as const;
const LENGTH_BYTES = 2;
/** What every reader passes on in one short APDU. */
const MAX_READ_BYTES = 0xf0;
const SUCCESS = 0x9000;

/**
 * The records on a tag of NFC Forum type 4, such as an NTAG 424 DNA.
 * @throws HardwareError `nfc.no-tag`, `nfc.unsupported-tag`, `nfc.read-failed`, `ndef.malformed`, `ndef.too-long`,
 *   `ndef.unsupported`
 */
export async function readNdefFile(reader: NfcReader, signal?: AbortSignal): Promise<NdefRecord[]> {
  if ((await reader.atr()) === undefined) throw noTag();
  await select(0x04, 0x00, APPLICATION);
  await select(0x00, 0x0c, CAPABILITY_CONTAINER);
  const container = await read(0, CC_BYTES);
  const [type, length, high = 0, low = 0] = container.subarray(CC_BLOCK_AT);
  if (type !== NDEF_FILE_BLOCK[0] || length !== NDEF_FILE_BLOCK[1]) throw unsupported('no NDEF file is named');
  await select(0x00, 0x0c, [high, low]);
  const bytes = (await read(0, LENGTH_BYTES)).readUInt16BE();
  if (bytes > MAX_NDEF_BYTES) throw new HardwareError('ndef.too-long', `${bytes} bytes, limit ${MAX_NDEF_BYTES}`);
  const parts: Uint8Array[] = [];
  for (let done = 0; done < bytes; done += MAX_READ_BYTES) {
    parts.push(await read(LENGTH_BYTES + done, Math.min(MAX_READ_BYTES, bytes - done)));
  }
  return bytes === 0 ? [] : decodeNdef(Uint8Array.from(Buffer.concat(parts)));

  async function select(by: number, answer: number, name: readonly number[]): Promise<void> {
    const apdu = [0x00, 0xa4, by, answer, name.length, ...name, ...(answer === 0 ? [0x00] : [])];
    if ((await ask(apdu)) === undefined) throw unsupported(`there is no ${Buffer.from(name).toString('hex')} on it`);
  }

  async function read(at: number, length: number): Promise<Buffer> {
    const answer = await ask([0x00, 0xb0, at >> 8, at & 0xff, length]);
    if (answer?.length !== length) throw new HardwareError('nfc.read-failed', `no ${length} bytes at ${at}`);
    return answer;
  }

  /** Undefined for a refusal. */
  async function ask(apdu: readonly number[]): Promise<Buffer | undefined> {
    signal?.throwIfAborted();
    const answer = Buffer.from(await reader.transmit(Uint8Array.from(apdu), signal));
    if (answer.length < 2) throw noTag();
    return answer.readUInt16BE(answer.length - 2) === SUCCESS ? answer.subarray(0, -2) : undefined;
  }
}

function noTag(): HardwareError {
  return new HardwareError('nfc.no-tag', 'no tag lies on the reader');
}

function unsupported(what: string): HardwareError {
  return new HardwareError('nfc.unsupported-tag', `not a tag of NFC Forum type 4: ${what}`);
}
