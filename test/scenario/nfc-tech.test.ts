import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect } from 'vitest';
import { z } from 'zod';
import { pcscdPrograms, READER_NAME } from '../support/pcscd.js';
import { pcscdTest } from '../support/tag-benches.js';
import { tagNumber, techCommand, techDir, techStart } from '../support/tech.js';

/** Long enough for the same tests of another checkout to end first. */
const LIMIT_MS = 600_000;
const READER = ['--reader', `${READER_NAME} 00 00`];
const HubSchema = z.object({ event: z.literal('hub'), hwId: z.string(), tagUid: z.string(), tag: z.string() });

const hubsIn = (stdout: string) =>
  stdout
    .trim()
    .split('\n')
    .flatMap((line) => HubSchema.safeParse(JSON.parse(line)).data ?? []);

describe.for(pcscdPrograms())(
  'the technician\u2019s tool with a reader behind pcscd (%s)',
  { timeout: LIMIT_MS },
  () => {
    const test = pcscdTest.extend('dir', techDir).extend('start', techStart).extend('tech', techCommand);

    test('a tag is made, read, and verified; a copy of it is refused', async ({ slots, tech }) => {
      await tech('keygen');
      const original = tagNumber(1);
      await slots.first.place(original);
      const made = await tech('make-tag', '--batch', '7', '--json', ...READER);
      expect(made).toMatchObject({ code: 0, stderr: '' });
      const { hwId } = JSON.parse(made.stdout);
      expect(await tech('read', ...READER)).toMatchObject({ code: 0, stdout: expect.stringContaining('locked\n') });
      expect(JSON.parse((await tech('verify', '--json', ...READER)).stdout)).toMatchObject({ ok: true, hwId });
      const copy = tagNumber(2);
      copy.damage(original.dump().slice(16, 160));
      await slots.first.place(copy);
      const refused = await tech('verify', '--json', ...READER);
      expect(JSON.parse(refused.stdout)).toMatchObject({ ok: false, code: 'tag.another-uid' });
    });

    test('a box goes on after a kill in the middle of a tag, and after pcscd was away', async ({
      dir,
      pcscd,
      slots,
      start,
      tech,
    }) => {
      await tech('keygen');
      const flags = ['provision', '--count', '3', '--batch', '7', '--json', ...READER];
      const first = start(...flags);
      await slots.first.place(tagNumber(1));
      await first.until('"number":1');
      const second = tagNumber(2);
      await slots.first.place(second);
      // Pages are written one by one, some 40 ms each: the kill comes between two.
      await expect.poll(() => second.dump()[16 + 40] ?? 0, { timeout: 30_000, interval: 5 }).not.toBe(0);
      await first.end('SIGKILL');
      const lines = (await readFile(path.join(dir, 'inklet-journal.jsonl'), 'utf8')).trim().split('\n');
      const begun = JSON.parse(lines.at(-1) ?? '');
      expect(begun).toMatchObject({ event: 'intended', tagUid: '04000000000002' });
      const again = start(...flags);
      await again.until('"number":2');
      await pcscd.kill();
      await again.until('nfc.');
      await pcscd.start();
      await slots.first.place(tagNumber(3));
      await again.until('"number":3');
      const { code, stdout } = await again.end();
      expect(code).toBe(3);
      const hubs = hubsIn(stdout);
      expect(hubs.map(({ tagUid }) => tagUid)).toEqual(['04000000000001', '04000000000002', '04000000000003']);
      expect(hubs[1]?.hwId).toBe(begun.hwId);
      expect(new Set(hubs.map(({ hwId }) => hwId)).size).toBe(3);
    });
  },
);
