import { createHash } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { expect } from 'vitest';
import { z } from 'zod';
import { pngToFrame } from '../../render/index.js';
import { box } from './box.js';
import { photo12Megapixel } from './photo.js';

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

/** Sends a text and a photograph of 12 megapixels to the glass of the box in `dir`, and sees that each has its proof. */
export async function expectProofs(dir: string, env: Record<string, string>): Promise<void> {
  const text = await box(dir, ['--once', 'Bread rises at seven', '--json'], env);
  await expectProof(text.stdout);
  const photo = path.join(dir, 'photo.jpg');
  await writeFile(photo, await photo12Megapixel());
  const image = await box(dir, ['--image', photo, '--json'], env);
  await expectProof(image.stdout);
  expect(image.stdout).not.toBe(text.stdout);
}

async function expectProof(stdout: string): Promise<void> {
  const proof = ProofSchema.parse(JSON.parse(stdout));
  expect([proof.glassSha256, proof.previewSha256]).toEqual([proof.frameSha256, proof.frameSha256]);
  const frame = await pngToFrame(await readFile(proof.png), INKS);
  expect(createHash('sha256').update(frame.data).digest('hex')).toBe(proof.frameSha256);
}
