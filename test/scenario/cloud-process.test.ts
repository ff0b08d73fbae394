import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { text } from 'node:stream/consumers';
import { test as base, expect } from 'vitest';
import { z } from 'zod';

const MAIN = path.resolve('dist/cloud-api/main.js');
const ReadySchema = z.object({ ready: z.literal(true), url: z.url() });

type Run = (environment: Record<string, string>) => ChildProcess;

const test = base.extend<{ dataDir: string; run: Run }>({
  dataDir: async ({ task: _ }, use) => {
    const folder = mkdtempSync(path.join(tmpdir(), 'inklet-cloud-process-'));
    await use(folder);
    rmSync(folder, { recursive: true, force: true });
  },
  run: async ({ task: _ }, use) => {
    const children: ChildProcess[] = [];
    await use((environment) => {
      const child = spawn(process.execPath, [MAIN], { env: environment, stdio: ['ignore', 'pipe', 'pipe'] });
      children.push(child);
      return child;
    });
    for (const child of children) if (child.exitCode === null) child.kill('SIGKILL');
  },
});

async function logOf({ stderr }: ChildProcess): Promise<string> {
  return stderr === null ? '' : text(stderr);
}

async function ready({ stdout }: ChildProcess): Promise<string> {
  if (stdout === null) throw new TypeError('no output');
  const [line] = await once(createInterface(stdout), 'line');
  return ReadySchema.parse(JSON.parse(String(line))).url;
}

test('the service starts from a folder alone, answers, stops at a signal, and starts again on what it kept', async ({
  dataDir,
  run,
}) => {
  const environment = { INKLET_DATA_DIR: dataDir, INKLET_PORT: '0', INKLET_LOG_LEVEL: 'warn' };
  const first = run(environment);
  const url = await ready(first);
  const person = { email: 'lark@example.org', password: 'correct horse battery' };
  const post = (to: string, body: object) =>
    fetch(to, { method: 'POST', body: JSON.stringify(body), headers: { 'content-type': 'application/json' } });
  expect((await post(`${url}/auth/sign-up`, { ...person, householdName: 'The Larks' })).status).toBe(201);
  expect(await (await fetch(`${url}/readyz`)).json()).toEqual({ ready: true, database: true, link: 'none' });
  expect(await (await fetch(`${url}/openapi.json`)).json()).toMatchObject({ openapi: '3.1.0' });

  const second = run(environment);
  expect(await Promise.all([logOf(second), once(second, 'exit')])).toEqual([
    expect.stringContaining('database.locked'),
    [1, null],
  ]);

  first.kill('SIGTERM');
  expect(await once(first, 'exit')).toEqual([0, null]);
  const again = run(environment);
  expect((await post(`${await ready(again)}/auth/log-in`, person)).status).toBe(200);
  again.kill('SIGINT');
  expect(await once(again, 'exit')).toEqual([0, null]);
}, 90_000);

test('settings that cannot be used end the start with every problem by name', async ({ run }) => {
  const child = run({ INKLET_PORT: 'x', INKLET_LOG_LEVEL: 'info' });
  const [log, exit] = await Promise.all([logOf(child), once(child, 'exit')]);
  expect(exit).toEqual([1, null]);
  expect(log).toMatch(/INKLET_PORT.*INKLET_DATA_DIR/);
});
