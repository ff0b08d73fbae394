import { test as base, expect } from 'vitest';
import { SimNfcReader, type SimTag, VirtualReader } from '../../device-sim/index.js';
import { type NfcReader, PcscReader, systemClock } from '../../hardware/index.js';
import { Pcscd, pcscdPrograms } from './pcscd.js';

/** A reader, and a hand that lays tags on it. */
export type TagBench = {
  reader: NfcReader;
  faults: SimNfcReader['faults'];
  /** Resolves when the reader sees the tag, in place of the one that lay there. */
  place(tag: SimTag): Promise<void>;
  /** Resolves when the reader sees it gone. */
  remove(): Promise<void>;
};

/** A reader in this process. */
export function benchHere(): TagBench {
  const reader = new SimNfcReader();
  return {
    reader,
    faults: reader.faults,
    place: async (tag) => reader.place(tag),
    remove: async () => reader.remove(),
  };
}

const WAIT = { timeout: 30_000, interval: 20 };

/** A pcscd for the tests of one file, two slots of its reader, and readers that are closed after each test. */
export const pcscdTest = base
  .extend('program', { scope: 'file' }, pcscdPrograms()[0] ?? '')
  .extend('pcscd', { scope: 'file' }, async ({ program }, { onCleanup }) => {
    const pcscd = await Pcscd.prepare(program);
    onCleanup(() => pcscd.stop());
    return pcscd;
  })
  .extend('slots', async ({ pcscd }, { onCleanup }) => {
    await pcscd.start();
    const first = new VirtualReader({ slot: 0, clock: systemClock });
    const second = new VirtualReader({ slot: 1, clock: systemClock });
    onCleanup(async () => {
      await first.remove();
      await second.remove();
    });
    return { first, second };
  })
  .extend('open', ({ task: _ }, { onCleanup }) => {
    const opened: PcscReader[] = [];
    onCleanup(() => {
      for (const reader of opened) reader.close();
    });
    return (readerName?: string): PcscReader => {
      const reader = new PcscReader({ clock: systemClock, random: () => 0, readerName });
      opened.push(reader);
      return reader;
    };
  })
  .extend('bench', ({ slots, open }): TagBench => {
    const reader = open();
    const seen = () => reader.atr();
    return {
      reader,
      faults: slots.first.faults,
      place: async (tag) => {
        await slots.first.remove();
        await expect.poll(seen, WAIT).toBeUndefined();
        await slots.first.place(tag);
        await expect.poll(seen, WAIT).toBeDefined();
      },
      remove: async () => {
        await slots.first.remove();
        await expect.poll(seen, WAIT).toBeUndefined();
      },
    };
  });
