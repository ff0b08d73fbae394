import type { Logger } from 'pino';
import {
  type Clock,
  connectHardwareSocket,
  linuxSyscalls,
  type NfcReader,
  noNfcReader,
  openLinuxPanel,
  type PanelPort,
  PcscReader,
  panelSpec,
} from '../hardware/index.js';
import type { HubConfig } from './config.js';
import { HubError } from './errors.js';
import { HardwareLink } from './hardware-link.js';

export type WiredHardware = { panel: PanelPort; nfc: NfcReader; close: () => void | Promise<void> };

type Where = Pick<
  HubConfig,
  'INKLET_HARDWARE_SOCKET' | 'INKLET_NFC' | 'INKLET_PANEL' | 'INKLET_SPI_DEVICE' | 'INKLET_WIRING'
>;

/**
 * Another process's hardware, if a socket is named; or else this machine's.
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
    const { nfc, close } = openTagReader(where.INKLET_NFC, parts);
    const closeBoth = () => {
      close();
      return panel.close();
    };
    return { panel, nfc, close: closeBoth };
  }
  const log = parts.log.child({ mod: 'hardware' });
  const link = await HardwareLink.open({ ...parts, log, connect: () => connectHardwareSocket(socket) });
  const close = () => link.close();
  const panel = link.panel(id);
  if (panel !== undefined) return { panel, nfc: link.nfc, close };
  close();
  throw new HubError('config.invalid', `INKLET_PANEL: no panel ${id} is wired`);
}

/** The tag reader of this machine that a setting names. It is looked for when it is asked, so that a hub starts without one. */
export function openTagReader(
  setting: string,
  parts: { clock: Clock; random: () => number },
): { nfc: NfcReader; close: () => void } {
  if (setting === 'off') return { nfc: noNfcReader, close: () => undefined };
  const reader = new PcscReader({ ...parts, readerName: setting === 'auto' ? undefined : setting });
  return { nfc: reader, close: () => reader.close() };
}
