import { readFile, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { expect } from 'vitest';
import { Ntag } from '../../hardware/index.js';
import { LANDING_PAGE, landingLink } from '../../provisioning/hw-id/index.js';
import { ON_BENCH, tagNumber, techTest as test } from '../support/tech.js';

test('a newcomer makes a key and a tag, reads it and finds it genuine', async ({ bench, dir, typed }) => {
  expect(await typed('keygen')).toMatchObject({ code: 0 });
  expect((await stat(path.join(dir, 'signing-key.pem'))).mode & 0o777).toBe(0o600);
  bench.place(tagNumber(1));
  const made = await typed('make-tag', '--batch', '7', '--json', ...ON_BENCH);
  expect(made).toMatchObject({ code: 0, stderr: '' });
  const { hwId, thingName, ...rest } = JSON.parse(made.stdout);
  expect(rest).toMatchObject({ ok: true, how: 'made', batch: 7, model: 1, keyId: 1, locked: true });
  const seen = await typed('read', ...ON_BENCH);
  expect(seen).toMatchObject({
    code: 0,
    stdout: expect.stringContaining(`ntag213 04000000000001, 144 bytes, locked\n`),
  });
  expect(seen.stdout).toContain(thingName);
  // Symptom: tags and labels named two landing pages, by who had made them.
  expect(seen.stdout).toContain(`link: ${landingLink(LANDING_PAGE, hwId)}\n`);
  const verified = await typed('verify', '--json', ...ON_BENCH);
  expect(JSON.parse(verified.stdout)).toMatchObject({ ok: true, hwId, tagUid: '04000000000001', locked: true });
});

test('a key is never overwritten, and the next one gets the next number', async ({ dir, tech }) => {
  await tech('keygen');
  const first = await readFile(path.join(dir, 'signing-key.pem'));
  expect(await tech('keygen')).toMatchObject({ code: 1, stderr: expect.stringMatching(/^tech\.file-exists: /) });
  expect(await readFile(path.join(dir, 'signing-key.pem'))).toEqual(first);
  const second = await tech('keygen', '--out', 'second.pem', '--batches', '1-10', '--batches', '12', '--json');
  expect(JSON.parse(second.stdout).entry).toMatchObject({
    keyId: 2,
    batches: [
      { from: 1, to: 10 },
      { from: 12, to: 12 },
    ],
  });
  const taken = await tech('keygen', '--out', 'third.pem', '--key-id', '2');
  expect(taken).toMatchObject({ code: 1, stderr: expect.stringMatching(/^tech\.key-id-taken: /) });
  await expect(stat(path.join(dir, 'third.pem'))).rejects.toMatchObject({ code: 'ENOENT' });
});

test('what was copied to another tag is refused, and both tags stay as they are', async ({ bench, tech }) => {
  await tech('keygen');
  const original = tagNumber(1);
  bench.place(original);
  await tech('make-tag', '--batch', '7', ...ON_BENCH);
  const copy = tagNumber(2);
  copy.damage(original.dump().slice(16, 160));
  bench.place(copy);
  const before = copy.dump();
  const refused = await tech('verify', '--json', ...ON_BENCH);
  expect(refused).toMatchObject({ code: 1, stderr: expect.stringMatching(/^tag\.another-uid: /) });
  expect(JSON.parse(refused.stdout)).toMatchObject({ ok: false, code: 'tag.another-uid' });
  const rewritten = await tech('make-tag', '--batch', '7', ...ON_BENCH);
  expect(rewritten).toMatchObject({ code: 1, stderr: expect.stringMatching(/^tag\.another-uid: /) });
  expect(copy.dump()).toEqual(before);
});

test('a tag that is ours is written again only when asked to, and keeps its identity', async ({ bench, tech }) => {
  await tech('keygen');
  bench.place(tagNumber(1));
  const first = JSON.parse((await tech('make-tag', '--batch', '7', '--no-lock', '--json', ...ON_BENCH)).stdout);
  const again = await tech('make-tag', '--batch', '8', ...ON_BENCH);
  expect(again).toMatchObject({ code: 1, stderr: expect.stringMatching(/^tag\.already-ours: .*--rewrite/) });
  const rewritten = await tech('make-tag', '--batch', '8', '--rewrite', '--json', ...ON_BENCH);
  expect(JSON.parse(rewritten.stdout)).toMatchObject({ hwId: first.hwId, batch: 8, locked: true });
});

// Symptom: after --rewrite on a locked tag the label said that there was nothing to print, and sync never sent the hardware.
test('a locked tag is refused before anything is noted, and what was finished stays so', async ({
  bench,
  dir,
  tech,
}) => {
  await tech('keygen');
  bench.place(tagNumber(1));
  await tech('make-tag', '--batch', '8', ...ON_BENCH);
  const before = await readFile(path.join(dir, 'inklet-journal.jsonl'), 'utf8');
  const locked = await tech('make-tag', '--batch', '9', '--rewrite', ...ON_BENCH);
  expect(locked).toMatchObject({ code: 1, stderr: expect.stringMatching(/^nfc\.tag-locked: /) });
  expect(await readFile(path.join(dir, 'inklet-journal.jsonl'), 'utf8')).toBe(before);
  expect(await tech('label')).toMatchObject({ code: 0, stdout: '1 labels in labels.pdf\n' });
});

test('a rewrite that was torn is finished by the same command, and its hardware was never forgotten', async ({
  bench,
  tech,
}) => {
  await tech('keygen');
  const tag = tagNumber(1);
  bench.place(tag);
  const first = JSON.parse((await tech('make-tag', '--batch', '7', '--no-lock', '--json', ...ON_BENCH)).stdout);
  tag.departLater({ how: 'torn', afterWrites: 10 });
  expect(await tech('make-tag', '--batch', '8', '--rewrite', ...ON_BENCH)).toMatchObject({ code: 1 });
  expect(await tech('label')).toMatchObject({ code: 0 });
  bench.place(tag);
  const again = await tech('make-tag', '--batch', '8', '--json', ...ON_BENCH);
  expect(JSON.parse(again.stdout)).toMatchObject({ ok: true, hwId: first.hwId, batch: 8, locked: true });
});

test('a hardware id stays on one tag', async ({ bench, tech }) => {
  const hwId = '00112233445566778899';
  await tech('keygen');
  bench.place(tagNumber(1));
  await tech('make-tag', '--batch', '7', '--hw-id', hwId, ...ON_BENCH);
  const second = tagNumber(2);
  bench.place(second);
  const before = second.dump();
  const refused = await tech('make-tag', '--batch', '7', '--hw-id', hwId, ...ON_BENCH);
  expect(refused).toMatchObject({ code: 1, stderr: expect.stringMatching(/^tag\.second-identity: /) });
  expect(second.dump()).toEqual(before);
});

test('a tag that holds something else is not written over unasked', async ({ bench, tech }) => {
  await tech('keygen');
  const tag = tagNumber(1);
  bench.place(tag);
  await new Ntag({ reader: bench }).writeNdef([{ kind: 'uri', uri: 'https://example.com/menu' }]);
  const before = tag.dump();
  expect((await tech('read', ...ON_BENCH)).stdout).toContain('link: https://example.com/menu');
  const kept = await tech('make-tag', '--batch', '7', ...ON_BENCH);
  expect(kept).toMatchObject({ code: 1, stderr: expect.stringMatching(/^tag\.not-blank: .*--rewrite/) });
  expect(await tech('verify', ...ON_BENCH)).toMatchObject({ stderr: expect.stringMatching(/^tag\.no-hw-id: /) });
  expect(tag.dump()).toEqual(before);
  tag.damage(Buffer.from('0320ffffffffffffffffffff', 'hex'));
  const garbage = await tech('make-tag', '--batch', '7', ...ON_BENCH);
  expect(garbage).toMatchObject({ code: 1, stderr: expect.stringMatching(/^tag\.not-blank: /) });
  expect(await tech('make-tag', '--batch', '7', '--rewrite', ...ON_BENCH)).toMatchObject({ code: 0 });
});

test('labels are printed of what was made', async ({ bench, dir, tech }) => {
  const none = await tech('label');
  expect(none).toMatchObject({ code: 1, stderr: expect.stringMatching(/^tech\.nothing-to-print: /) });
  await tech('keygen');
  bench.place(tagNumber(1));
  await tech('make-tag', '--batch', '7', ...ON_BENCH);
  const pdf = await tech('label', '--json');
  expect(JSON.parse(pdf.stdout)).toMatchObject({ ok: true, labels: 1, files: ['labels.pdf'] });
  expect((await readFile(path.join(dir, 'labels.pdf'), 'latin1')).slice(0, 5)).toBe('%PDF-');
  const ids = Array.from({ length: 3 }, (_, at) => ['--hw-id', `${at}`.repeat(20)]).flat();
  const png = await tech('label', '--out', 'one.png', '--sheet', 'roll', ...ids);
  expect(png.stdout).toBe('3 labels in one-1.png, one-2.png, one-3.png\n');
  const skipped = await tech('label', '--sheet', 'a4-21', '--skip', '21');
  expect(skipped).toMatchObject({ code: 2, stderr: 'tech.bad-option: --skip: the sheet has 21 places\n' });
});

test('a tag that was lifted too early is finished with the identity that it was to have', async ({
  bench,
  dir,
  tech,
}) => {
  await tech('keygen');
  const tag = tagNumber(1);
  bench.place(tag);
  tag.departLater({ how: 'torn', afterWrites: 10 });
  const torn = await tech('make-tag', '--batch', '7', ...ON_BENCH);
  expect(torn).toMatchObject({ code: 1, stderr: expect.stringMatching(/^nfc\.no-tag: /) });
  const [begun = ''] = (await readFile(path.join(dir, 'inklet-journal.jsonl'), 'utf8')).split('\n');
  bench.place(tag);
  const made = await tech('make-tag', '--batch', '7', '--json', ...ON_BENCH);
  expect(JSON.parse(made.stdout)).toMatchObject({ ok: true, hwId: JSON.parse(begun).hwId });
});

test.for(['torn', 'lifted'] as const)(
  'wherever in its making a tag is %s, the same command again finishes it: one identity, wholly locked',
  async (how, { bench, tech }) => {
    await tech('keygen');
    const whole = tagNumber(0xff);
    bench.place(whole);
    await tech('make-tag', '--batch', '7', ...ON_BENCH);
    let afterWrites = 0;
    for (let isTorn = true; isTorn; afterWrites += 1) {
      const tag = tagNumber(0x100 + afterWrites);
      bench.place(tag);
      tag.departLater({ how, afterWrites });
      const first = await tech('make-tag', '--batch', '7', ...ON_BENCH);
      isTorn = first.code !== 0;
      bench.place(tag);
      const again = await tech('make-tag', '--batch', '7', '--json', ...ON_BENCH);
      const verified = JSON.parse((await tech('verify', '--json', ...ON_BENCH)).stdout);
      expect(verified, `after ${afterWrites} writes`).toMatchObject({ ok: true, locked: true });
      if (isTorn) expect(JSON.parse(again.stdout)).toMatchObject({ ok: true, hwId: verified.hwId });
      expect(lockBytesOf(tag), `after ${afterWrites} writes`).toEqual(lockBytesOf(whole));
    }
    expect(afterWrites).toBeGreaterThan(30);
  },
);

/** Static locks with the capability container, and the dynamic lock page, of an NTAG213. */
function lockBytesOf(tag: ReturnType<typeof tagNumber>): string {
  const memory = Buffer.from(tag.dump());
  return `${memory.toString('hex', 10, 16)} ${memory.toString('hex', 160, 163)}`;
}

test.for([
  [['make-tag', '--batch', '65536'], '--batch is no whole number from 0 to 65535'],
  [['make-tag'], '--batch is needed: a whole number from 0 to 65535'],
  [['make-tag', '--batch', '1', '--hw-id', 'XYZ'], '--hw-id not 20 lower-case hex digits'],
  [['verify', '--sideways'], "Unknown option '--sideways'"],
  [['verify', 'again'], 'again: no word is expected here'],
  [['dance'], 'there is no command dance; inklet-tech --help lists them'],
  [['keygen', '--batches', '9-1'], '--batches is no range of batches from 0 to 65535, such as 7 or 1-1000'],
] as const)('%j is refused: %s', async ([argv, message], { tech }) => {
  expect(await tech(...argv)).toEqual({ code: 2, stdout: '', stderr: `tech.bad-option: ${message}\n` });
});

test('without a tag, without a reader and without a key, each is told by its code', async ({ bench, dir, tech }) => {
  expect(await tech('read', ...ON_BENCH)).toMatchObject({ code: 1, stderr: expect.stringMatching(/^nfc\.no-tag: /) });
  const nobody = await tech('read', '--hardware-socket', 'nobody.sock');
  expect(nobody).toMatchObject({ code: 1, stderr: expect.stringMatching(/^socket\.unreachable: /) });
  bench.place(tagNumber(1));
  await writeFile(path.join(dir, 'signer-keys.json'), '{"keys": 7}');
  const damaged = await tech('verify', ...ON_BENCH);
  expect(damaged).toMatchObject({ code: 1, stderr: expect.stringMatching(/^tech\.file-unreadable: .*signer-keys/) });
});
