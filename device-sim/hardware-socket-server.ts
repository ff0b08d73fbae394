import { once } from 'node:events';
import { rm, stat } from 'node:fs/promises';
import { connect, createServer, type Server, type Socket } from 'node:net';
import {
  HARDWARE_ANSWERS,
  HARDWARE_OPS,
  type HardwareMessage,
  MessageReader,
  messageHead,
  type NfcReader,
  PANEL_LINES,
  type PanelLine,
  type PanelPort,
} from '../hardware/index.js';
import { SimError } from './errors.js';

export interface HardwareOnOffer {
  /** Where the socket file is to be; one that a dead server left is removed. */
  readonly path: string;
  readonly panels: Readonly<Record<string, PanelPort>>;
  readonly nfc?: NfcReader;
}

export interface HardwareServer {
  readonly path: string;
  /** Closes the connections and the socket. The hardware stays as it is. */
  stop(): Promise<void>;
}

const NOTHING = new Uint8Array(0);

/**
 * Serves hardware over a Unix socket to processes that come and go. A connection that does not keep to the protocol is
 * ended; the others and the hardware do not notice.
 * @throws SimError `hardware.path-in-use`
 */
export async function serveHardware(offer: HardwareOnOffer): Promise<HardwareServer> {
  await removeStale(offer.path);
  const connections = new Set<Socket>();
  const server = createServer((socket) => {
    connections.add(socket);
    socket.once('close', () => connections.delete(socket));
    serveConnection(socket, offer);
  });
  server.listen(offer.path);
  await once(server, 'listening');
  return { path: offer.path, stop: () => stop(server, connections) };
}

async function removeStale(path: string): Promise<void> {
  const found = await stat(path).catch(() => undefined);
  if (found === undefined) return;
  if (!found.isSocket() || (await answers(path))) {
    throw new SimError('hardware.path-in-use', `${path} is not a socket that was left behind`);
  }
  await rm(path, { force: true });
}

function answers(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(path);
    socket.once('error', () => resolve(false));
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
  });
}

async function stop(server: Server, connections: Set<Socket>): Promise<void> {
  if (!server.listening) return;
  const closed = once(server, 'close');
  server.close();
  for (const socket of connections) socket.destroy();
  await closed;
}

function serveConnection(socket: Socket, offer: HardwareOnOffer): void {
  const reader = new MessageReader();
  const ports = Object.values(offer.panels);
  let tail = Promise.resolve();
  // A peer that is killed resets the connection, which is no matter of ours.
  socket.on('error', () => socket.destroy());
  socket.on('data', (piece) => {
    try {
      for (const message of reader.push(piece)) tail = tail.then(() => answer(message));
    } catch {
      socket.destroy();
    }
  });

  async function answer(message: HardwareMessage): Promise<void> {
    if (socket.destroyed) return;
    try {
      const payload = await carryOut(message, offer, ports);
      if (payload === undefined) socket.destroy();
      else send(HARDWARE_ANSWERS.done, payload);
    } catch (error) {
      send(HARDWARE_ANSWERS.failed, Buffer.from(error instanceof Error ? error.message : String(error)));
    }
  }

  function send(op: number, payload: Uint8Array): void {
    socket.cork();
    socket.write(messageHead(op, payload.length));
    if (payload.length > 0) socket.write(payload);
    socket.uncork();
  }
}

/** The payload of the answer; undefined for a request that makes no sense. */
async function carryOut(
  { op, payload }: HardwareMessage,
  offer: HardwareOnOffer,
  ports: readonly PanelPort[],
): Promise<Uint8Array | undefined> {
  if (op === HARDWARE_OPS.hello) return hello(offer);
  if (op === HARDWARE_OPS.nfcAtr) return (await offer.nfc?.atr()) ?? NOTHING;
  if (op === HARDWARE_OPS.nfcTransmit) return (await offer.nfc?.transmit(payload)) ?? NOTHING;
  const [place = ports.length, lineNumber = PANEL_LINES.length, level] = payload;
  const port = ports[place];
  if (port === undefined) return undefined;
  if (op === HARDWARE_OPS.spiTransfer) {
    await port.spi.transfer(payload.subarray(1));
    return NOTHING;
  }
  const line = PANEL_LINES[lineNumber];
  if (line === undefined) return undefined;
  if (op === HARDWARE_OPS.gpioGet) return Uint8Array.of(await port.gpio.get(line));
  if (op === HARDWARE_OPS.gpioSet) return setLine(port, line, level);
  return undefined;
}

async function setLine(port: PanelPort, line: PanelLine, level: number | undefined): Promise<Uint8Array | undefined> {
  if (line === 'busy' || (level !== 0 && level !== 1)) return undefined;
  await port.gpio.set(line, level);
  return NOTHING;
}

function hello({ panels, nfc }: HardwareOnOffer): Uint8Array {
  const list = Object.entries(panels).map(([key, { spi }]) => ({ key, maxTransferBytes: spi.maxTransferBytes }));
  return Buffer.from(JSON.stringify({ version: 1, panels: list, nfc: nfc !== undefined }));
}
