import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test as base, expect } from 'vitest';
import { settingsFrom } from './settings.js';

const CLOUD = { INKLET_CLOUD_URL: 'https://cloud.example' };

const test = base
  .extend('prefix', path.join(tmpdir(), 'inklet-lambda-'))
  .extend('fileWith', async ({ prefix }, { onCleanup }) => {
    const dir = mkdtempSync(prefix);
    onCleanup(() => rmSync(dir, { recursive: true, force: true }));
    return (text: string) => {
      const file = path.join(dir, 'token');
      writeFileSync(file, text);
      return file;
    };
  });

test('the token is what the file holds, without the line end of an editor', ({ fileWith }) => {
  const INKLET_HOOK_TOKEN_FILE = fileWith('a-token\n');
  expect(settingsFrom({ ...CLOUD, INKLET_HOOK_TOKEN_FILE })).toEqual({
    url: 'https://cloud.example',
    token: 'a-token',
  });
});

test('a token in the environment is none: whoever may look at the function would read it', () => {
  const given = { ...CLOUD, INKLET_HOOK_TOKEN: 'a-token' };
  expect(() => settingsFrom(given)).toThrow(expect.objectContaining({ code: 'config.invalid' }));
});

test('a file that is empty or not there is said at once, by its name', ({ fileWith }) => {
  for (const INKLET_HOOK_TOKEN_FILE of [fileWith(' \n'), '/nowhere/hook-token']) {
    const refused = { code: 'config.invalid', message: expect.stringContaining(INKLET_HOOK_TOKEN_FILE) };
    expect(() => settingsFrom({ ...CLOUD, INKLET_HOOK_TOKEN_FILE })).toThrow(expect.objectContaining(refused));
  }
});
