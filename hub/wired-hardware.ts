import type { Logger } from 'pino';
import {
  type Clock,
  connectHardwareSocket,
  linuxSyscalls,
  type NfcReader,
  noNfcReader,
  openLinuxPanel,
  type PanelPort,
  panelSpec,
} from '../hardware/index.js';
import type { HubConfig } from './config.js';
import { HubError } from './errors.js';
import { HardwareLink } from './hardware-link.js';

export type WiredHardware = { panel: PanelPort; nfc: NfcReader; close: () => void | Promise<void> };

type Where = Pick<HubConfig, 'INKLET_HARDWARE_SOCKET' | 'INKLET_PANEL' | 'INKLET_SPI_DEVICE' | 'INKLET_WIRING'>;

/**
 * Another process's hardware, if a socket is named; or else this machine's, which has no tag reader.
 * @throws HardwareError `epd.unknown-panel`, `socket.*`, `linux.*`
 * @throws HubError `config.invalid` if the other process has no such panel
 */
export async function openWiredHardware(
  where: Where,
  parts: { clock: Clock; random: () => number; log: Logger },
): Promise<WiredHardware> {
  const { INKLET_HARDWARE_SOCKET: socket, INKLET_PANEL: id, INKLET_SPI_DEVICE: spiDevice } = where;
  const { spiHz, chipSelect } = panelSpec(id);
  if (socket === undefined) {
    const syscalls = await linuxSyscalls();
    const panel = await openLinuxPanel({ wiring: where.INKLET_WIRING, spiDevice, spiHz, chipSelect, syscalls });
    return { panel, nfc: noNfcReader, close: () => panel.close() };
  }
  const log = parts.log.child({ mod: 'hardware' });
  const link = await HardwareLink.open({ ...parts, log, connect: () => connectHardwareSocket(socket) });
  const close = () => link.close();
  const panel = link.panel(id);
  if (panel !== undefined) return { panel, nfc: link.nfc, close };
  close();
  throw new HubError('config.invalid', `INKLET_PANEL: no panel ${id} is wired`);
}
