import { once } from 'node:events';
import { writeSync } from 'node:fs';
import { pino } from 'pino';
import { systemClock } from '../../hardware/index.js';
import { SimError } from '../errors.js';
import { parseStandInOptions, type StandInOptions, USAGE } from './options.js';
import { type StandInAddress, startStandIn } from './stand-in.js';

const STDOUT = 1;
const STDERR = 2;
const EXIT_USAGE = 2;

process.exitCode = await main(process.argv.slice(2));

async function main(argv: readonly string[]): Promise<number> {
  try {
    const options = parseStandInOptions(argv);
    if (options === undefined) writeSync(STDOUT, USAGE);
    else await stayUp(options);
    return 0;
  } catch (cause) {
    const code = cause instanceof Error && 'code' in cause ? `${cause.code}: ` : '';
    writeSync(STDERR, `${code}${cause instanceof Error ? cause.message : String(cause)}\n`);
    return cause instanceof SimError && cause.code === 'iot.bad-option' ? EXIT_USAGE : 1;
  }
}

async function stayUp(options: StandInOptions): Promise<void> {
  const leave = new AbortController();
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(name, () => leave.abort());
  const log = pino({ level: process.env.INKLET_LOG_LEVEL ?? 'warn' }, pino.destination(STDERR));
  const { address, stop } = await startStandIn(options, { clock: systemClock, log });
  writeSync(STDOUT, options.json ? `${JSON.stringify(address)}\n` : told(address));
  if (!leave.signal.aborted) await once(leave.signal, 'abort');
  await stop();
}

function told(address: StandInAddress): string {
  return `
  devices connect to     ${address.host}:${address.port}
  its authority          ${address.caFile}
  a claim certificate    ${address.claimCertFile}, its key ${address.claimKeyFile}
  the cloud's own        ${address.backendCertFile}, its key ${address.backendKeyFile}
  the admin door         ${address.adminUrl}, its token ${address.adminTokenFile}
  AWS IoT's control API  ${address.controlUrl}

  curl -s -H "authorization: Bearer $(cat ${address.adminTokenFile})" ${address.adminUrl}/things

Ctrl-C stops it.
`;
}
