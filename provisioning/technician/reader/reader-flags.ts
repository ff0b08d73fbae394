import type { Tool } from '../command.js';
import { secondsFlag, someText } from '../flags.js';
import type { ClosableReader } from './open-reader.js';
import { waitForTag } from './wait-for-tag.js';

export const READER_NAMES = ['reader', 'hardware-socket', 'wait'] as const;

export const readerFlags = {
  reader: someText().optional(),
  'hardware-socket': someText().optional(),
  wait: secondsFlag(30),
};

export type ReaderFlags = { reader?: string | undefined; 'hardware-socket'?: string | undefined; wait: number };

export const READER_USAGE = `  --reader NAME           a part of the reader's name, where there are several
  --hardware-socket PATH  a process that holds the reader, instead of this machine
  --wait SECONDS          for how long to wait for a tag (30)
`;

/**
 * Works with the tag on the reader, and closes the reader.
 * @throws HardwareError `nfc.*` where there is no reader, or no tag within `--wait`
 */
export async function withTag<T>(
  tool: Pick<Tool, 'clock' | 'openReader' | 'output' | 'signal'>,
  { reader: readerName, 'hardware-socket': hardwareSocket, wait }: ReaderFlags,
  work: (reader: ClosableReader) => Promise<T>,
): Promise<T> {
  const { clock, output, signal } = tool;
  const reader = tool.openReader({ readerName, hardwareSocket });
  try {
    const tell = () => output.aside('Lay the tag on the reader and leave it there.');
    await waitForTag(reader, { clock, limitMs: wait * 1000, tell, signal });
    return await work(reader);
  } finally {
    reader.close();
  }
}
