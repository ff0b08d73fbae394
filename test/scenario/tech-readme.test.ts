import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { expect } from 'vitest';
import { z } from 'zod';
import { COMMANDS } from '../../provisioning/technician/commands.js';
import { ADVICE } from '../../provisioning/technician/diagnose/advice.js';
import { SHEET_NAMES, SHEETS } from '../../provisioning/technician/label/sheets.js';
import { tagNumber, techTest } from '../support/tech.js';
import { OPERATOR_TOKEN, TechCloud } from '../support/tech-cloud.js';

const ROOT = path.resolve(import.meta.dirname, '../..');
const NEEDS_READER = /^(make-tag|read|verify|provision|ticket|diagnose)$/;
const HUB = 'http://192.168.1.20:8080';

const readme = await readFile(path.join(ROOT, 'provisioning/README.md'), 'utf8');

const test = techTest.extend('cloud', async ({ dir }, { onCleanup }) => {
  const cloud = new TechCloud();
  await cloud.start();
  onCleanup(() => cloud.stop());
  await writeFile(path.join(dir, 'operator-token'), OPERATOR_TOKEN);
  return cloud;
});

/** The lines that are to be typed, for a box of two and the world of a test. */
function typedLines(cloudUrl: string): string[][] {
  const blocks = [...readme.matchAll(/^```sh\n(.*?)^```/gms)].map(([, block = '']) => block);
  const lines = blocks
    .join('')
    .split('\n')
    .filter((line) => line.startsWith('inklet-tech '));
  return lines.map((line) => {
    const [, command = '', ...flags] = line
      .replaceAll('https://cloud.example', cloudUrl)
      .replace('--count 24', '--count 2')
      .split(' ');
    const reader = NEEDS_READER.test(command) ? ['--hardware-socket', 'reader.sock', '--wait', '0'] : [];
    return [command, ...flags, ...reader].map((word) => word.replace(HUB, 'http://127.0.0.1:1'));
  });
}

test('what the README tells a technician to type does what it says', { timeout: 60_000 }, async ({
  bench,
  cloud,
  start,
  tech,
}) => {
  const told: [string, number | null, string][] = [];
  const laid = [1, 2].map((number) => tagNumber(number + 1));
  bench.place(tagNumber(1));
  for (const [command = '', ...flags] of typedLines(cloud.url)) {
    const run = command === 'provision' ? start(command, ...flags) : undefined;
    for (const [at, tag] of run === undefined ? [] : laid.entries()) {
      bench.place(tag);
      await run?.until(`${at + 1}/2 `);
    }
    const { code, stdout, stderr } = await (run?.end() ?? tech(command, ...flags));
    told.push([command, code, stdout === '' ? stderr : stdout]);
  }
  expect(told).toEqual([
    ['keygen', 0, expect.stringContaining('signing-key.pem')],
    ['make-tag', 0, expect.stringContaining(' made on the tag 04000000000001, locked\n')],
    ['verify', 0, expect.stringContaining(': genuine, signed by key 1 for the tag 04000000000001\n')],
    ['provision', 0, expect.stringContaining('2 hubs in the box: 2 tagged, 2 registered')],
    ['sync', 0, expect.stringMatching(/: registered\n1 of 1 registered\n$/)],
    ['label', 0, '2 labels in labels.pdf\n'],
    ['label', 0, '3 labels in labels-1.png, labels-2.png, labels-3.png\n'],
    ['keygen', 0, expect.stringContaining('work-order-key.pem')],
    ['work-order', 0, expect.stringContaining('work order for Ada, signed by key 1\n')],
    ['work-order', 0, 'good\n'],
    ['provision', 0, expect.stringContaining('2 hubs in the monday: 2 tagged, 2 registered')],
    ['ticket', 0, expect.stringContaining('may be provisioned once more until')],
    ['read', 0, expect.stringContaining('locked\n')],
    ['diagnose', 1, expect.stringContaining('first cause: hub-page, hub.unreachable\n')],
  ]);
});

test('the README names every command, every finding and every sheet as they are', () => {
  for (const name of COMMANDS.keys()) expect(readme).toMatch(new RegExp(`^\\| \`${name}\` +\\|`, 'm'));
  const rows = readme.split('\n').map((line) => line.replaceAll(/ +/g, ' '));
  for (const [code, advice] of Object.entries(ADVICE)) expect(rows).toContain(`| \`${code}\` | ${advice} |`);
  for (const name of SHEET_NAMES) expect(rows).toContain(`| \`${name}\` | ${SHEETS[name].what} |`);
});

test('it is installed under its name', async () => {
  const manifest = z
    .object({ bin: z.record(z.string(), z.string()), scripts: z.record(z.string(), z.string()) })
    .parse(JSON.parse(await readFile(path.join(ROOT, 'package.json'), 'utf8')));
  const main = manifest.bin['inklet-tech'] ?? '';
  expect(await readFile(path.join(ROOT, main), 'utf8')).toMatch(/^#!\/usr\/bin\/env node\n/);
  expect(manifest.scripts.tech).toBe(`npm run --silent build && node ${main}`);
});
