import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { HOOK_REFUSALS } from '../../cloud-api/device/hook-input.js';
import { adviceFor } from '../../hub/api/advice.js';

const ROOT = path.resolve(import.meta.dirname, '../..');
/** Where the signed tag says why a hub is refused. */
const FOLDERS = ['provisioning/hw-id'];

function reasonsIn(folder: string): string[] {
  const files = readdirSync(path.join(ROOT, folder)).filter((file) => /^(?!.*\.test\.).*\.ts$/.test(file));
  return files
    .filter((file) => !file.startsWith('sun'))
    .map((file) => readFileSync(path.join(ROOT, folder, file), 'utf8'))
    .flatMap((source) => [...source.matchAll(/(?:ok: false, reason: |refuse\()'([a-z-]+)'/g)])
    .flatMap(([, reason]) => reason ?? []);
}

test('for each reason of the hook there is something that a person can do', () => {
  const reasons = [...new Set([...FOLDERS.flatMap(reasonsIn), ...HOOK_REFUSALS])];
  expect(reasons).toEqual(expect.arrayContaining(['unknown-hardware', 'already-provisioned', 'wrong-signature']));
  const unsaid = adviceFor('claim.refused', 'Access Denied');
  expect(reasons.filter((reason) => adviceFor('claim.refused', reason) === unsaid)).toEqual([]);
});

test('each code of provisioning that may keep a hub from its identity has words of its own', () => {
  const source = readFileSync(path.join(ROOT, 'provisioning/errors.ts'), 'utf8');
  const codes = [...source.matchAll(/\| '((?:claim|link|store|tag)\.[a-z-]+)'/g)].flatMap(([, code]) => code ?? []);
  expect(codes.length).toBeGreaterThan(20);
  const unknown = adviceFor('nobody.knows');
  // Met by commands and messages that are too long, and by technicians who write tags.
  const elsewhere = ['link.too-large', 'tag.already-ours', 'tag.not-blank', 'tag.exchanged', 'tag.second-identity'];
  expect(codes.filter((code) => !elsewhere.includes(code) && adviceFor(code) === unknown)).toEqual([]);
});
