import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { type Clock, panelSpec } from '../../hardware/index.js';
import { LANDING_PAGE, writeSignedTag } from '../../provisioning/index.js';
import { SimPanel } from '../epd/sim-panel.js';
import { serveHardware } from '../hardware-socket-server.js';
import { startControlDoor } from '../iot-core/control-door.js';
import { type IotCore, startIotCore } from '../iot-core/iot-core.js';
import { Ntag21x } from '../nfc/ntag21x.js';
import { SimNfcReader } from '../nfc/sim-nfc-reader.js';
import { type Factory, openFactory } from './factory.js';
import { GlassMemory } from './glass-memory.js';
import { type GlassPage, startGlassPage } from './glass-page.js';
import type { Home } from './home.js';
import { Started } from './started.js';
import { Wall } from './wall.js';

/** Everything around the two products: AWS IoT Core, the panel on the wall, the tag on the reader. */
export type World = {
  iotCore: IotCore;
  /** Where the control API of AWS IoT is. */
  iotControlUrl: string;
  factory: Factory;
  panel: SimPanel;
  reader: SimNfcReader;
  wall: Wall;
  glassPage: GlassPage;
  /** Where the hub finds its hardware. */
  hardwareSocket: string;
  stop(): Promise<void>;
};

export type WorldOptions = {
  home: Home;
  panel: string;
  ports: { glass: number; iotCore: number };
  clock: Clock;
  /** The clock of the glass, which a benchmark lets run fast; the same as `clock` if absent. */
  glassClock?: Clock;
};

const HOST = '127.0.0.1';
/** A bufsiz that Raspberry Pi makers set on the kernel's command line (spidev.bufsiz). */
const SPI_BUFFER_BYTES = 65_536;
/** sun_path of unix(7) less its closing zero. */
const MAX_SOCKET_PATH_BYTES = 107;

/**
 * Lets the world begin: the tag is signed, the reader has it, the panel shows what it last showed.
 * @throws SimError `iot.*`, `hardware.path-in-use`
 */
export async function startWorld(options: WorldOptions): Promise<World> {
  const started = new Started();
  return started.orNothing(() => begin(options, started));
}

async function begin(
  { home, panel: panelId, ports, clock, glassClock = clock }: WorldOptions,
  started: Started,
): Promise<World> {
  const factory = await openFactory(home);
  const iotCore = started.add(
    await startIotCore({ dir: home.path('iot-core'), host: HOST, port: ports.iotCore, clock }),
  );
  const { url: iotControlUrl } = started.add(await startControlDoor(iotCore.admin, { port: 0 }));

  const reader = new SimNfcReader();
  reader.place(new Ntag21x({ uid: Buffer.from(factory.tagUid, 'hex') }));
  const { keyId, hwId, model, batch, signingKey: privateKey } = factory;
  await writeSignedTag(reader, { privateKey, payload: { keyId, hwId, model, batch }, url: LANDING_PAGE, lock: true });

  const { inks } = panelSpec(panelId);
  const wall: Wall = new Wall({ panel: panelId, inks, device: () => panel });
  const panel: SimPanel = new SimPanel({
    panel: panelId,
    clock: glassClock,
    maxTransferBytes: SPI_BUFFER_BYTES,
    onRefresh: () => {
      wall.refreshed();
      memory.keep();
    },
  });
  const memory = new GlassMemory(home.path('glass', `${panelId}.bin`), panel);
  await memory.recall();
  started.add(memory);
  started.add(panel);

  const { hardwareSocket, socketFolder } = await placeForSocket(home);
  started.add(socketFolder);
  started.add(await serveHardware({ path: hardwareSocket, panels: { [panelId]: panel }, nfc: reader }));
  const glassPage = started.add(await startGlassPage(wall, ports.glass));

  const parts = { iotCore, iotControlUrl, factory, panel, reader, wall, glassPage, hardwareSocket };
  return { ...parts, stop: () => started.stop() };
}

/** In the home, or in a temporary folder where the home's path leaves no room for it. */
async function placeForSocket(
  home: Home,
): Promise<{ hardwareSocket: string; socketFolder: { stop(): Promise<void> } }> {
  const atHome = home.path('hardware.sock');
  if (Buffer.byteLength(atHome) <= MAX_SOCKET_PATH_BYTES) {
    return { hardwareSocket: atHome, socketFolder: { stop: () => Promise.resolve() } };
  }
  const folder = await mkdtemp(path.join(tmpdir(), 'inklet-'));
  return {
    hardwareSocket: path.join(folder, 'hardware.sock'),
    socketFolder: { stop: () => rm(folder, { recursive: true, force: true }) },
  };
}
