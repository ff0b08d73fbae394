import { connect } from 'node:tls';
import type { ProvisioningError } from '../errors.js';
import { connectFailure } from './connect-failure.js';
import type { MqttOptions } from './mqtt-adapter.js';

const HANDSHAKE_LIMIT_MS = 10_000;

/** Shakes hands by TLS as an MQTT client would, and says why that fails; undefined: it does not, or nobody can tell. */
export async function tlsFailure({
  endpoint,
  port,
  caPem,
  certPem,
  keyPem,
}: Pick<MqttOptions, 'endpoint' | 'port' | 'caPem' | 'certPem' | 'keyPem'>): Promise<ProvisioningError | undefined> {
  return await new Promise((resolve) => {
    const socket = connect({
      ...{ host: endpoint, port, ca: caPem, cert: certPem, key: keyPem, timeout: HANDSHAKE_LIMIT_MS },
      // With TLS 1.3 the server's word on our certificate comes after the handshake, where only a reader hears it.
      maxVersion: 'TLSv1.2',
    });
    const end = (failure: ProvisioningError | undefined) => {
      socket.destroy();
      resolve(failure);
    };
    socket.on('secureConnect', () => end(undefined));
    socket.on('timeout', () => end(undefined));
    socket.on('error', (error) => end(connectFailure(endpoint, error)));
  });
}
