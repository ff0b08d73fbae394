import { execFile } from 'node:child_process';
import path from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { z } from 'zod';

const ReplayedSchema = z.object({
  displayed: z.boolean(),
  refreshes: z.array(z.object({ mode: z.string(), durationMs: z.number() })),
  lint: z.array(z.object({ code: z.string(), level: z.string() })),
});
const run = promisify(execFile);
const ROOT = path.resolve(import.meta.dirname, '../..');
const PICTURE = 'test/golden/render/message.png';
const TRACES = 'test/golden-traces/vendor-traces.jsonl';
const SHOW = ['show', '--panel', '7in3e', '--image'] as const;
const REPLAY = ['replay', TRACES, '--panel', '2in13_V4'] as const;

test.for([
  [[...SHOW, 'package.json'], 1, 'render.picture-unknown-format: package.json: '],
  [[...SHOW, 'no-such.png'], 1, 'sim.unreadable: no-such.png '],
  [[...SHOW, '/dev/zero'], 1, 'sim.unreadable: /dev/zero is not a file'],
  [[...SHOW, PICTURE, '--out', 'test'], 1, 'sim.unwritable: test '],
  [[...SHOW, PICTURE, '--mode', 'grey'], 2, 'epd.no-such-mode: Waveshare 7.3" E has no grey refresh; it has full'],
  [['show', '--panel', '9in9', '--image', PICTURE], 2, 'epd.unknown-panel: '],
  [['replay', PICTURE, '--panel', '7in3e'], 1, `sim.bad-trace: ${PICTURE}: $: no JSON`],
  [[...REPLAY, '--flow', 'init'], 1, 'sim.not-displayed: '],
  [[...REPLAY, '--flow', 'init_fast,display', '--strictness', 'strict'], 1, 'epd.rule-broken: wrong-parameter-count'],
  [['show', '--sideways'], 2, 'sim.bad-option: '],
] as const)('%j is refused in one line', async ([argv, code, line]) => {
  const command = ['dist/device-sim/sim-command/main.js', ...argv];
  await expect(run(process.execPath, command, { cwd: ROOT })).rejects.toMatchObject({
    code,
    stderr: expect.toSatisfy((told: string) => told.startsWith(line) && told.trimEnd().split('\n').length === 1),
  });
});

test('for programs there is one line of JSON, and lint alone is no failure', async () => {
  const argv = [...REPLAY, '--flow', 'init_fast,display_fast', '--json'];
  const { stdout } = await run(process.execPath, ['dist/device-sim/sim-command/main.js', ...argv], { cwd: ROOT });
  const { displayed, refreshes, lint } = ReplayedSchema.parse(JSON.parse(stdout));
  expect([displayed, refreshes]).toEqual([true, [{ mode: 'fast', durationMs: 1617 }]]);
  const faults = lint.filter(({ level }) => level === 'fault').map(({ code }) => code);
  expect(faults).toEqual(['wrong-parameter-count', 'unknown-command']);
});
