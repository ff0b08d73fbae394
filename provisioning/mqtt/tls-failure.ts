import { connect } from 'node:tls';
import type { ProvisioningError } from '../errors.js';
import { connectFailure } from './connect-failure.js';
import type { MqttOptions } from './mqtt-adapter.js';

/**
 * Shakes hands by TLS as an MQTT client would, and says why that fails; undefined: it does not, nobody can tell, or the
 * signal aborts first.
 */
export async function tlsFailure(
  { endpoint, port, caPem, certPem, keyPem }: Pick<MqttOptions, 'endpoint' | 'port' | 'caPem' | 'certPem' | 'keyPem'>,
  signal: AbortSignal,
): Promise<ProvisioningError | undefined> {
  if (signal.aborted) return undefined;
  return await new Promise((resolve) => {
    // With TLS 1.3 the server's word on our certificate comes after the handshake, where only a reader hears it.
    const trust = { ca: caPem, cert: certPem, key: keyPem, maxVersion: 'TLSv1.2' } as const;
    const socket = connect({ host: endpoint, port, ...trust });
    const end = (failure?: ProvisioningError) => {
      signal.removeEventListener('abort', giveUp);
      socket.destroy();
      resolve(failure);
    };
    const giveUp = () => end();
    signal.addEventListener('abort', giveUp, { once: true });
    socket.on('secureConnect', () => end());
    socket.on('error', (error) => end(connectFailure(endpoint, error)));
  });
}
