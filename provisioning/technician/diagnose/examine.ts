import { HardwareError } from '../../../hardware/index.js';
import { ProvisioningError } from '../../errors.js';
import { judgeTag, readTagContent } from '../../signed-tag.js';
import type { CloudClient } from '../cloud/cloud-client.js';
import { anyCloudFrom } from '../cloud/cloud-flags.js';
import type { Tool } from '../command.js';
import { readInput } from '../input-files.js';
import { withTag } from '../reader/reader-flags.js';
import { permitFrom } from '../tags/permit.js';
import { readSignerKeys } from '../tags/tag-flags.js';
import { claimCertificate, identityFolder } from './certificates.js';
import { hubClock, thisClock } from './clocks.js';
import type { DiagnoseFlags } from './diagnose-flags.js';
import { type Found, failed, notAsked, ok, type Step, unknown } from './finding.js';
import { askHub, hubSays } from './hub-page.js';
import { findAddress, findPort, findTls } from './network.js';
import { type Asked, hasCertificate, lastDecision, lastSeen, registered } from './registry.js';

type Hardware = { hwId: string; batch?: number };

/**
 * Looks at one thing after the other, in the order of cause.
 * @throws ProvisioningError `work-order.*`, `tech.file-unreadable`, `tech.bad-option`
 */
export async function* examine(flags: DiagnoseFlags, tool: Tool): AsyncGenerator<[Step, Found]> {
  const { clock, signal } = tool;
  const permit = await permitFrom(clock, flags);
  const { cloud, mayAsk } = await anyCloudFrom(tool, flags, permit.token);
  const tag = await findTag(flags, tool);
  yield ['tag', tag.found];
  const page = await askHub(flags.hub, tool);
  const hwId = flags['hw-id'] ?? tag.hardware?.hwId ?? page.status?.hwId ?? undefined;
  if (hwId !== undefined) permit.require({ action: 'diagnose', hwId, batch: tag.hardware?.batch });
  const other = page.status?.hwId ?? hwId;
  yield ['hub-page', other === hwId ? page.found : failed('hub.another-hardware', `the page is of ${other}`)];
  const alive = await askCloud(cloud, signal);
  yield ['clock', thisClock(clock.now(), alive.dateMs)];
  yield ['hub-clock', hubClock(page.dateMs, clock.now(), alive.dateMs)];
  yield* examineNetwork(flags, tool);
  yield ['claim-certificate', await claimCertificate(flags['claim-cert'], flags['claim-key'], clock.now())];
  yield ['identity', await identityFolder(flags['data-dir'], clock.now())];
  yield ['cloud', alive.found];
  const asked = await askRegistry(mayAsk ? cloud : undefined, hwId, signal);
  yield ['registry', registered(asked)];
  yield ['decision', lastDecision(asked)];
  yield ['certificate', hasCertificate(asked)];
  yield ['hub-says', hubSays(page.status)];
  yield ['last-seen', lastSeen(asked, clock.now())];
}

async function findTag(flags: DiagnoseFlags, tool: Tool): Promise<{ found: Found; hardware?: Hardware }> {
  if (flags['no-tag']) return { found: notAsked('the tag on a reader') };
  try {
    const content = await withTag(tool, flags, (reader) => readTagContent(reader, tool.signal));
    const { hwId, batch } = judgeTag(content, await readSignerKeys(flags.keys));
    const wanted = flags['hw-id'] ?? hwId;
    if (wanted !== hwId) return { found: failed('hub.another-hardware', `the tag is of ${hwId}`) };
    return { found: ok(`genuine, ${hwId}`), hardware: { hwId, batch } };
  } catch (error) {
    tool.signal.throwIfAborted();
    if (!(error instanceof ProvisioningError || error instanceof HardwareError)) throw error;
    // A machine without a reader tells nothing of a hub.
    const isOfTheTag = error.code.startsWith('tag.') || error.code.startsWith('ndef.');
    const status = isOfTheTag ? 'failed' : 'unknown';
    return { found: { status, code: error.code, message: error.message, advice: 'see the README, It does not work' } };
  }
}

async function* examineNetwork(flags: DiagnoseFlags, { clock, signal }: Tool): AsyncGenerator<[Step, Found]> {
  const host = flags['iot-endpoint'];
  if (host === undefined) {
    for (const step of ['dns', 'tcp', 'tls'] as const) yield [step, notAsked('--iot-endpoint')];
    return;
  }
  const caFile = flags['iot-ca'];
  const caPem = caFile === undefined ? undefined : await readInput(caFile, 'the CA');
  const endpoint = { host, port: flags['iot-port'], caPem };
  let isSound = true;
  for (const [step, find] of [
    ['dns', findAddress],
    ['tcp', findPort],
    ['tls', findTls],
  ] as const) {
    const found: Found = isSound
      ? await find(endpoint, { clock, signal })
      : unknown('diagnose.needs-earlier', 'not looked at');
    isSound &&= found.status === 'ok';
    yield [step, found];
  }
}

async function askCloud(
  cloud: CloudClient | undefined,
  signal: AbortSignal,
): Promise<{ found: Found; dateMs?: number }> {
  if (cloud === undefined) return { found: notAsked('--cloud') };
  try {
    const { dateMs } = await cloud.alive(signal);
    return { found: ok('it answers'), ...(dateMs === undefined ? {} : { dateMs }) };
  } catch (error) {
    return { found: cloudTrouble(error) };
  }
}

async function askRegistry(
  cloud: CloudClient | undefined,
  hwId: string | undefined,
  signal: AbortSignal,
): Promise<Asked> {
  if (cloud === undefined) return notAsked('--cloud with --operator-token-file or --work-order');
  if (hwId === undefined) return unknown('diagnose.no-hardware', 'nobody has said which hub it is');
  try {
    return (await cloud.report(hwId, signal)) ?? null;
  } catch (error) {
    return { ...cloudTrouble(error), status: 'unknown' };
  }
}

function cloudTrouble(error: unknown): Extract<Found, { advice: string }> {
  if (!(error instanceof ProvisioningError)) throw error;
  const advice = 'is there a network here at all? Open a page in a browser; else ask an operator';
  return { status: 'failed', code: error.code, message: error.message, advice };
}
