import type { Clock } from '../../hardware/index.js';
import { ProvisioningError } from '../errors.js';
import { CONNECT_LIMIT_MS, type MqttAdapter, type MqttOptions } from './mqtt-adapter.js';
import { tlsFailure } from './tls-failure.js';
import { withLimit } from './with-limit.js';

/** The AWS SDK tells of a refused certificate as late as half a minute after it has seen it. */
const PATIENCE_MS = 3_000;

/**
 * Waits for CONNACK 0. Where a library cannot say why it fails, or says nothing, TLS is asked by other means.
 * @throws ProvisioningError `link.*`; the signal's reason when it aborts
 */
export async function connectInTime(
  adapter: Pick<MqttAdapter, 'connect'>,
  options: MqttOptions,
  { clock }: { clock: Pick<Clock, 'sleep'> },
  signal: AbortSignal | undefined,
): Promise<void> {
  const over = new AbortController();
  const until = signal === undefined ? over.signal : AbortSignal.any([over.signal, signal]);
  const failure = () =>
    new ProvisioningError('link.no-network', `no answer of ${options.endpoint} within ${CONNECT_LIMIT_MS} ms`);
  const connecting = adapter.connect().catch(async (error: unknown) => {
    throw await explained(error, options, until);
  });
  const doubting = clock.sleep(PATIENCE_MS, until).then(async () => {
    const why = await tlsFailure(options, until);
    if (why !== undefined) throw why;
    await connecting;
  });
  try {
    await withLimit(Promise.race([connecting, doubting]), { clock, limitMs: CONNECT_LIMIT_MS, failure, signal });
  } finally {
    over.abort();
    doubting.catch(() => undefined);
  }
}

async function explained(error: unknown, options: MqttOptions, signal: AbortSignal): Promise<unknown> {
  if (!(error instanceof ProvisioningError) || error.code !== 'link.lost') return error;
  const why = await tlsFailure(options, signal);
  return why ?? new ProvisioningError('link.no-network', error.message, { cause: error });
}
