import { generateKeyPairSync } from 'node:crypto';
import { expect, test } from 'vitest';
import { systemClock } from '../../hardware/index.js';
import { RotationDoor } from './rotation-door.js';

const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const OLD = 'a'.repeat(64);
const NEXT = 'b'.repeat(64);
const pairOf = (certificateId: string) => ({
  ...{ hwId: '00112233445566778899', model: 1, thingName: 'inklet-00112233445566778899' },
  ...{ certificateId, certPem: '', deviceConfiguration: {} },
  keyPem: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
});

/** The door of a cloud, or of what stands before it, that answers so. */
function doorTo(status: number, body: string | object): RotationDoor {
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  const send: typeof fetch = async () => new Response(text, { status });
  return new RotationDoor({ baseUrl: 'https://cloud.example', fetch: send, clock: systemClock });
}

const problem = (code: string) => ({ error: { code, message: 'no', requestId: '1', details: {} } });
const commit = (door: RotationDoor) => door.commit(pairOf(NEXT), OLD);
const takes = (door: RotationDoor) => door.takes(pairOf(OLD));
const UNANSWERED = { code: 'rotation.commit-unanswered' };

/** What stands between a hub and its cloud says these; none is the word of the cloud. */
const NOT_OURS: readonly [number, string | object][] = [
  [404, '<html>default backend - 404</html>'],
  [403, '<html>blocked by policy</html>'],
  [401, '<html>sign in to this network</html>'],
  [200, '<html>welcome to this network</html>'],
  [404, { message: 'no Route matched with those values' }],
  [409, { error: 'conflict' }],
  [502, '<html>bad gateway</html>'],
];

// A hub whose commit had been taken, and its answer lost, went back to the certificate that the cloud then turned off.
test.for(NOT_OURS)('a %s of a load balancer does not lead a hub back to its old pair', async ([status, body]) => {
  await expect(commit(doorTo(status, body))).rejects.toMatchObject(UNANSWERED);
  await expect(takes(doorTo(status, body))).rejects.toMatchObject(UNANSWERED);
});

test.for([
  [409, 'certificate.not-pending'],
  [401, 'authentication_failed'],
  [403, 'access_denied'],
] as const)('a %s of the cloud that says %s refuses the commit', async ([status, code]) => {
  await expect(commit(doorTo(status, problem(code)))).rejects.toMatchObject({ code: 'rotation.commit-refused' });
});

test.for([
  [404, 'not_found'],
  [429, 'rate_limited'],
  [413, 'payload_too_large'],
  [500, 'internal_error'],
] as const)('a %s of the cloud that says %s answers neither question', async ([status, code]) => {
  await expect(commit(doorTo(status, problem(code)))).rejects.toMatchObject(UNANSWERED);
  await expect(takes(doorTo(status, problem(code)))).rejects.toMatchObject(UNANSWERED);
});

test('a commit is taken by the word of the cloud about that very certificate', async () => {
  await expect(commit(doorTo(200, { certificateId: NEXT, replaced: OLD }))).resolves.toBeUndefined();
  await expect(commit(doorTo(200, { certificateId: OLD, replaced: NEXT }))).rejects.toMatchObject(UNANSWERED);
});

test('the cloud takes a pair when it looked for what the pair asked for, and not when the token is refused', async () => {
  expect(await takes(doorTo(404, problem('asset_not_found')))).toBe(true);
  expect(await takes(doorTo(401, problem('authentication_failed')))).toBe(false);
});
