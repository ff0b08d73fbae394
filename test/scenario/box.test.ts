import { createHash } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect } from 'vitest';
import { z } from 'zod';
import { pngToFrame } from '../../render/index.js';
import { box, serverPrograms, test } from '../support/box.js';
import { photo12Megapixel } from '../support/photo.js';
import { startPostgres } from '../support/postgres.js';

const LIMIT_MS = 120_000;
const INKS = ['black', 'white'];
const ProofSchema = z.strictObject({
  contentId: z.uuid(),
  analysisId: z.uuid(),
  presentationId: z.uuid(),
  state: z.literal('confirmed'),
  times: z.strictObject({
    asked: z.iso.datetime(),
    received: z.iso.datetime(),
    rendered: z.iso.datetime(),
    painted: z.iso.datetime(),
    confirmed: z.iso.datetime(),
  }),
  frameSha256: z.string().regex(/^[0-9a-f]{64}$/),
  glassSha256: z.string(),
  previewSha256: z.string(),
  png: z.string(),
});

const databases = [
  { name: 'PGlite', programs: undefined },
  ...serverPrograms().map((programs) => ({ name: 'PostgreSQL', programs })),
];

describe.for(databases)('the household in a box on $name', ({ programs }) => {
  test('a text and a photograph of 12 megapixels reach the glass, each with its proof', { timeout: LIMIT_MS }, async ({
    dir,
  }) => {
    const server = programs === undefined ? undefined : await startPostgres(programs);
    const env: Record<string, string> = server === undefined ? {} : { INKLET_DATABASE_URL: server.url('postgres') };
    try {
      const text = await box(dir, ['--once', 'Bread rises at seven', '--json'], env);
      await expectProof(text.stdout);
      const photo = path.join(dir, 'photo.jpg');
      await writeFile(photo, await photo12Megapixel());
      const image = await box(dir, ['--image', photo, '--json'], env);
      await expectProof(image.stdout);
      expect(image.stdout).not.toBe(text.stdout);
    } finally {
      await server?.stop();
    }
  });
});

test.for([
  [['--once', 'x', '--image', 'y.png'], 2, 'cannot go with --image'],
  [['--port-base', 'ten'], 2, '--port-base'],
  [['--panel', '99in9'], 1, '7in5_V2'],
  [['--sideways'], 2, 'sideways'],
  [['--once', 'x', '--home', 'package.json'], 1, 'package.json'],
] as const)('%j is refused with a reason', async ([flags, code, reason], { dir }) => {
  await expect(box(dir, flags, {})).rejects.toMatchObject({
    code,
    stderr: expect.stringContaining(reason),
    stdout: '',
  });
});

async function expectProof(stdout: string): Promise<void> {
  const proof = ProofSchema.parse(JSON.parse(stdout));
  expect([proof.glassSha256, proof.previewSha256]).toEqual([proof.frameSha256, proof.frameSha256]);
  const frame = await pngToFrame(await readFile(proof.png), INKS);
  expect(createHash('sha256').update(frame.data).digest('hex')).toBe(proof.frameSha256);
}
