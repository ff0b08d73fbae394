import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { type Clock, panelSpec } from '../../hardware/index.js';
import { writeSignedTag } from '../../provisioning/index.js';
import { SimPanel } from '../epd/sim-panel.js';
import { serveHardware } from '../hardware-socket-server.js';
import { type IotCore, startIotCore } from '../iot-core/iot-core.js';
import { Ntag213 } from '../nfc/ntag213.js';
import { SimNfcReader } from '../nfc/sim-nfc-reader.js';
import { type Factory, openFactory } from './factory.js';
import { type GlassPage, startGlassPage } from './glass-page.js';
import type { Home } from './home.js';
import { recallGlass, rememberGlass } from './remembered-glass.js';
import { Wall } from './wall.js';

/** Everything around the two products: AWS IoT Core, the panel on the wall, the tag on the reader. */
export type World = {
  iotCore: IotCore;
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
const LANDING_URL = 'https://inklet.app/h';
/** A bufsiz that Raspberry Pi makers set on the kernel's command line (spidev.bufsiz). */
const SPI_BUFFER_BYTES = 65_536;

/** Lets the world begin: the tag is signed, the reader has it, the panel shows what it last showed. */
export async function startWorld({
  home,
  panel: panelId,
  ports,
  clock,
  glassClock = clock,
}: WorldOptions): Promise<World> {
  const factory = await openFactory(home);
  const iotCore = await startIotCore({ dir: home.path('iot-core'), host: HOST, port: ports.iotCore, clock });

  const reader = new SimNfcReader();
  reader.place(new Ntag213({ uid: Buffer.from(factory.tagUid, 'hex') }));
  const { keyId, hwId, model, batch, signingKey: privateKey } = factory;
  await writeSignedTag(reader, { privateKey, payload: { keyId, hwId, model, batch }, url: LANDING_URL, lock: true });

  const { inks } = panelSpec(panelId);
  const wall: Wall = new Wall({ panel: panelId, inks, device: () => panel });
  const panel: SimPanel = new SimPanel({
    panel: panelId,
    clock: glassClock,
    maxTransferBytes: SPI_BUFFER_BYTES,
    onRefresh: () => wall.refreshed(),
  });
  const glassFile = home.path('glass', `${panelId}.bin`);
  await recallGlass(glassFile, panel);

  // A Unix socket's path may be no longer than 107 bytes, which a home's may well be.
  const socketDir = await mkdtemp(path.join(tmpdir(), 'inklet-'));
  const hardwareSocket = path.join(socketDir, 'hardware.sock');
  const hardware = await serveHardware({ path: hardwareSocket, panels: { [panelId]: panel }, nfc: reader });
  const glassPage = await startGlassPage(wall, ports.glass);

  return {
    iotCore,
    factory,
    panel,
    reader,
    wall,
    glassPage,
    hardwareSocket,
    stop: async () => {
      await glassPage.stop();
      await hardware.stop();
      await panel.stop();
      await rememberGlass(glassFile, panel);
      await rm(socketDir, { recursive: true, force: true });
      await iotCore.stop();
    },
  };
}
