import type { TLSSocket } from 'node:tls';
import type { Logger } from 'pino';
import type { Faults } from './faults/faults.js';
import { type Admission, examineConnect, refusalPacket } from './handshake.js';
import { Link } from './link.js';
import type { ClientPacket } from './packets.js';
import { REASON } from './reason-codes.js';
import type { Registry } from './registry.js';
import type { Timers } from './timers.js';

/** A connection that has not sent its CONNECT by then is dropped. */
const CONNECT_LIMIT_MS = 10_000;

interface ReceptionDeps {
  readonly registry: Registry;
  readonly timers: Timers;
  readonly log: Logger;
  readonly faults: Faults;
  readonly revoke: (certificateId: string) => void;
  readonly newClientId: () => string;
  /** Whether a client's link is being held down. */
  readonly isHeldDown: (clientId: string) => boolean;
  /** Whether a client id may connect now, as far as its rate goes. */
  readonly isInTime: (clientId: string) => boolean;
  readonly onAdmitted: (admission: Admission, link: Link) => void;
}

/** Takes a fresh connection as far as its CONNECT. */
export function receive(socket: TLSSocket, certificateId: string, deps: ReceptionDeps): void {
  const { timers, log } = deps;
  const link = new Link({ socket, timers, log });
  const callOff = timers.after(CONNECT_LIMIT_MS, () => link.cut());
  link.events = {
    onPacket: (packet) => {
      callOff();
      greet(packet, certificateId, link, deps);
    },
    onBroken: (_, why) => {
      callOff();
      log.debug({ why }, 'no MQTT on a new connection');
      link.cut();
    },
    onLost: callOff,
    onDrain: () => undefined,
  };
}

function greet(packet: ClientPacket, certificateId: string, link: Link, deps: ReceptionDeps): void {
  if (packet.cmd !== 'connect' || deps.isHeldDown(packet.clientId)) {
    link.cut();
    return;
  }
  link.protocolVersion = packet.protocolVersion === 5 ? 5 : 4;
  const occasion = { operation: 'Connect', clientId: packet.clientId, certificateId } as const;
  const fault = deps.faults.strike(['half-open', 'certificate-revoked', 'throttled'], occasion);
  if (fault?.kind === 'half-open') {
    link.freeze();
    return;
  }
  if (fault?.kind === 'certificate-revoked') deps.revoke(certificateId);
  const verdict =
    fault?.kind === 'throttled' || !isInTime(packet.clientId, deps)
      ? ({ ok: false, reasonCode: REASON.quotaExceeded, why: 'too many connections' } as const)
      : examineConnect(packet, certificateId, deps);
  if (verdict.ok) {
    deps.onAdmitted(verdict.admission, link);
    return;
  }
  const { reasonCode, why } = verdict;
  deps.log.info({ clientId: packet.clientId, certificateId, reasonCode, why }, 'client refused');
  link.close(refusalPacket(packet.protocolVersion, verdict));
}

/** Each client without an id is given one of its own. */
function isInTime(clientId: string, deps: Pick<ReceptionDeps, 'isInTime'>): boolean {
  return clientId === '' || deps.isInTime(clientId);
}
