import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { expect } from 'vitest';
import { seededRandom } from '../../device-sim/epd/seeded-random.js';
import { systemClock } from '../../hardware/index.js';
import { readSignedTag, SignerKeysSchema } from '../../provisioning/index.js';
import { tagBench, tagNumber, techTest as test } from '../support/tech.js';

const ROUNDS = 30;
const TAGS = 12;
/** Longer than a tag takes. */
const LONGEST_MS = 60;

test('killed at any instant, a box goes on, and each tag has one identity', { timeout: 180_000 }, async ({
  bench,
  dir,
  start,
  tech,
}) => {
  const random = seededRandom(4);
  await tech('keygen');
  const tags = Array.from({ length: TAGS }, (_, at) => tagNumber(at + 1));
  const flags = ['provision', '--count', String(TAGS), '--batch', '7', '--hardware-socket', 'reader.sock'];
  let isOver = false;
  const hand = (async () => {
    // A hand that never rests: the next tag at any moment, and now and then one too early.
    for (let at = 0; !isOver; at += 1) {
      const tag = tags[at % TAGS];
      bench.remove();
      await systemClock.sleep(60);
      if (tag !== undefined) bench.place(tag);
      await systemClock.sleep(100 + random() * 200);
    }
  })();
  for (let round = 0; round < ROUNDS; round += 1) {
    const run = start(...flags);
    await run.until('Lay the tag');
    await systemClock.sleep(random() * LONGEST_MS);
    await run.end('SIGKILL');
  }
  const { code } = await start(...flags).end();
  isOver = true;
  await hand;
  expect(code).toBe(3);
  const keys = SignerKeysSchema.parse(JSON.parse(await readFile(path.join(dir, 'signer-keys.json'), 'utf8')));
  const journal = (await readFile(path.join(dir, 'inklet-journal.jsonl'), 'utf8'))
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  const begun = journal.filter(({ event }) => event === 'intended').map(({ hwId }) => hwId);
  // Else no kill has come in the middle of a tag.
  expect(begun.length).toBeGreaterThan(new Set(begun).size);
  const hwIds = new Set<string>();
  for (const tag of tags) {
    const reader = tagBench();
    reader.place(tag);
    const { hwId, proof } = await readSignedTag(reader, { keys });
    hwIds.add(hwId);
    const told = journal.filter(({ tagUid }) => tagUid === proof.tagUid).map((line) => line.hwId);
    expect(new Set(told)).toEqual(new Set([hwId]));
  }
  expect(hwIds.size).toBe(TAGS);
});
