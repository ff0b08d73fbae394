import { readFileSync } from 'node:fs';
import { describe, expect, test as plain } from 'vitest';
import { Ntag21x } from '../../device-sim/index.js';
import { VirtualClock } from '../../device-sim/virtual-clock.js';
import { Ntag, PcscReader } from '../../hardware/index.js';
import { pcscdPrograms, READER_NAME } from '../support/pcscd.js';
import { TAG_BENCH_CONTRACT } from '../support/tag-bench-contract.js';
import { benchHere, pcscdTest } from '../support/tag-benches.js';

const WAIT = { timeout: 30_000, interval: 20 };
/** Long enough for the same tests of another checkout to end first. */
const LIMIT_MS = 600_000;
const GET_UID = Buffer.from('ffca000000', 'hex');
const URI = [{ kind: 'uri', uri: 'https://example.com' }] as const;

/** Their ids, of those that this process started. */
function readerProcesses(): number[] {
  const children = readFileSync(`/proc/${process.pid}/task/${process.pid}/children`, 'utf8').split(' ').filter(Boolean);
  const isReader = (pid: string) => readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes('nfc/pcsc/main');
  return children.filter(isReader).map(Number);
}

const tagOf = (uid = '04de5f1eacc040') => new Ntag21x({ uid: Buffer.from(uid, 'hex') });
/** The code of what went wrong; undefined where nothing did. */
const codeOf = (work: Promise<unknown>) => work.then(() => undefined).catch((error) => error.code);

describe('a reader in this process', () => {
  plain.for(Object.entries(TAG_BENCH_CONTRACT))('%s', ([, keeps]) => keeps(benchHere()));
});

describe.for(pcscdPrograms())('a reader behind pcscd (%s)', { timeout: LIMIT_MS }, () => {
  const test = pcscdTest;

  test.for(Object.entries(TAG_BENCH_CONTRACT))('%s', ([, keeps], { bench }) => keeps(bench));

  test('both slots are there', async ({ slots: _, open }) => {
    expect(await open().readers()).toEqual([
      { name: `${READER_NAME} 00 00`, hasTag: false },
      { name: `${READER_NAME} 00 01`, hasTag: false },
    ]);
  });

  test('after a refusal that sticks, the tag is powered anew and answers', async ({ bench }) => {
    await bench.place(tagOf());
    bench.faults.stickyNak = true;
    const refused = await bench.reader.transmit(Buffer.from('ffb0002d04', 'hex'));
    expect(Buffer.from(refused).toString('hex')).toBe('6300');
    expect(await new Ntag(bench).readNdef()).toEqual([]);
  });

  test('of tags on two readers none is taken, unless a reader is named', async ({ slots, open }) => {
    await slots.first.place(tagOf('04000000000001'));
    await slots.second.place(tagOf('04000000000002'));
    const any = open();
    await expect.poll(() => codeOf(any.atr()), WAIT).toBe('nfc.several-tags');
    for (const slot of [1, 2]) {
      const ntag = new Ntag({ reader: open(`00 0${slot - 1}`) });
      expect(await ntag.info()).toMatchObject({ uid: `0400000000000${slot}` });
      await ntag.writeNdef(URI);
      expect(await ntag.readNdef()).toEqual(URI);
    }
    await slots.second.remove();
    await expect.poll(() => codeOf(any.atr()), WAIT).toBeUndefined();
    expect(await new Ntag({ reader: any }).info()).toMatchObject({ uid: '04000000000001' });
  });

  test('a reader that is not there is named with those that are', async ({ slots: _, open }) => {
    await expect(open('Omnikey').atr()).rejects.toMatchObject({
      code: 'nfc.no-reader',
      message: expect.stringContaining(`${READER_NAME} 00 00`),
    });
  });

  test('a tag that another process resets goes on answering', async ({ bench, open }) => {
    await bench.place(tagOf());
    const other = open();
    const ntag = new Ntag(bench);
    await ntag.info();
    // The other process is refused, and resets the tag before it asks again.
    expect(await other.transmit(Buffer.from('ffb0002d04', 'hex'))).toHaveLength(2);
    expect(await new Ntag({ reader: other }).info()).toMatchObject({ uid: '04de5f1eacc040' });
    await ntag.writeNdef(URI);
    expect(await ntag.readNdef()).toEqual(URI);
  });

  // A write that one tag was lifted from went on with the next that was laid there, and damaged what that held.
  test('a tag in place of the one that was asked for does not answer for it', async ({ bench, slots, open }) => {
    await bench.place(tagOf('04000000000001'));
    await bench.reader.atr();
    const eye = open();
    await slots.first.remove();
    await expect.poll(() => eye.atr(), WAIT).toBeUndefined();
    await slots.first.place(tagOf('04000000000002'));
    await expect.poll(() => eye.atr(), WAIT).toBeDefined();
    for (let n = 0; n < 20; n += 1) expect(await bench.reader.transmit(GET_UID)).toHaveLength(0);
    expect(await new Ntag(bench).info()).toMatchObject({ uid: '04000000000002' });
  });

  test('a pcscd that is killed in the middle of a write costs that write', async ({ bench, pcscd }) => {
    await bench.place(tagOf());
    const ntag = new Ntag(bench);
    await ntag.writeNdef(URI);
    let killed: Promise<void> | undefined;
    bench.faults.says = (apdu) => {
      if (apdu[1] === 0xd6) killed ??= pcscd.kill();
      return undefined;
    };
    expect(['nfc.no-service', 'nfc.no-tag']).toContain(await codeOf(ntag.writeNdef(URI)));
    await killed;
    expect(await codeOf(ntag.readNdef())).toBe('nfc.no-service');
    await pcscd.start();
    await expect.poll(() => bench.reader.atr(), WAIT).toBeDefined();
    await ntag.writeNdef(URI);
    expect(await ntag.readNdef()).toEqual(URI);
  });

  test('a pcscd that hangs is an error within seconds, and works again when it goes on', async ({ bench, pcscd }) => {
    await bench.place(tagOf());
    pcscd.freeze();
    expect(await codeOf(bench.reader.atr())).toBe('nfc.service-hangs');
    expect(await codeOf(bench.reader.transmit(Buffer.from('ffca000000', 'hex')))).toBe('nfc.service-hangs');
    pcscd.thaw();
    await expect.poll(() => codeOf(new Ntag(bench).info()), WAIT).toBeUndefined();
  });

  test('a pcscd that hangs during a transfer is an error within seconds', async ({ bench, pcscd }) => {
    await bench.place(tagOf());
    pcscd.freeze();
    expect(await codeOf(bench.reader.transmit(Buffer.from('ffca000000', 'hex')))).toBe('nfc.service-hangs');
    pcscd.thaw();
    await expect.poll(() => codeOf(new Ntag(bench).info()), WAIT).toBeUndefined();
  });

  test('a service without readers, and the slot of a security module, are no reader', async ({ pcscd, open }) => {
    const reader = open();
    await pcscd.kill('SIGTERM');
    expect(await codeOf(reader.atr())).toBe('nfc.no-service');
    await pcscd.unplug();
    await pcscd.start();
    expect(await codeOf(reader.atr())).toBe('nfc.no-reader');
    await pcscd.kill('SIGTERM');
    await pcscd.plugIn('ACS ACR1252 Dual Reader SAM');
    await pcscd.start();
    expect(await codeOf(reader.atr())).toBe('nfc.no-reader');
    await pcscd.kill('SIGTERM');
    await pcscd.plugIn();
    await pcscd.start();
    expect(await codeOf(reader.atr())).toBeUndefined();
  });

  test('commands that are asked all at once are answered each by its own', async ({ bench }) => {
    await bench.place(tagOf());
    const pages = Array.from({ length: 24 }, (_, page) => page);
    const read = (page: number) => bench.reader.transmit(Uint8Array.of(0xff, 0xb0, 0x00, page, 0x04));
    const answers = await Promise.all(pages.map(read));
    const memory = tagOf().dump();
    expect(answers.map((answer) => [...answer])).toEqual(
      pages.map((page) => [...memory.slice(4 * page, 4 * page + 4), 0x90, 0x00]),
    );
    expect(await codeOf(bench.reader.transmit(new Uint8Array(513)))).toBe('nfc.reader-failed');
  });

  test('a process that is killed costs what was asked, and the next question starts another', async ({ bench }) => {
    await bench.place(tagOf());
    const [pid, ...others] = readerProcesses();
    expect(others).toEqual([]);
    const asked = codeOf(bench.reader.transmit(Buffer.from('ffb0000010', 'hex')));
    process.kill(pid ?? 0, 'SIGKILL');
    expect(await asked).toBe('nfc.reader-failed');
    await expect.poll(() => codeOf(new Ntag(bench).info()), WAIT).toBeUndefined();
    expect(readerProcesses()).not.toContain(pid);
  });

  test('a process that nobody asks for a minute is ended, and started by the next question', async ({ slots }) => {
    await slots.first.place(tagOf());
    const clock = new VirtualClock();
    const reader = new PcscReader({ clock, random: () => 0 });
    await expect.poll(() => reader.atr(), WAIT).toBeDefined();
    await clock.advance(59_000);
    expect(readerProcesses()).toHaveLength(1);
    await reader.atr();
    await clock.advance(59_000);
    expect(readerProcesses()).toHaveLength(1);
    await clock.advance(1000);
    await expect.poll(readerProcesses, WAIT).toEqual([]);
    // pcscd still takes the tag back from the process that has just ended.
    await expect.poll(() => codeOf(new Ntag({ reader }).info()), WAIT).toBeUndefined();
    reader.close();
    await expect.poll(readerProcesses, WAIT).toEqual([]);
  });

  test('a reader that was closed says so', async ({ slots: _, open }) => {
    const reader = open();
    const asked = codeOf(reader.atr());
    reader.close();
    reader.close();
    expect(await asked).toBe('nfc.stopped');
    expect(await codeOf(reader.atr())).toBe('nfc.stopped');
  });
});
