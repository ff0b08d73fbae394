export { Epd } from './epd/epd.js';
export { bitsPerPixelFor, type Frame, frameOf, rowBytes } from './epd/frame.js';
export { longestRefreshMs } from './epd/longest-refresh.js';
export { panelModes } from './epd/panel-modes.js';
export type { PanelSpec, RefreshMode, ShowMode } from './epd/panel-spec.js';
export { PANELS, panelSpec } from './epd/panels.js';
/** How dense the pixels of a panel lie. */
export { pixelsPerInch } from './epd/pixels-per-inch.js';
export {
  type GlassHistory,
  RefreshPolicy,
  type RefreshReason,
  type Surroundings,
  UNKNOWN_GLASS,
} from './epd/refresh-policy.js';
export { HardwareError } from './errors.js';
export { systemClock } from './linux/clock.js';
export { linuxSyscalls } from './linux/koffi-syscalls.js';
export { type LinuxPanelOptions, openLinuxPanel } from './linux/linux-panel.js';
export { noNfcReader } from './linux/no-nfc-reader.js';
export type { Syscalls } from './linux/syscalls.js';
export { encodeNdef, type NdefRecord } from './nfc/ndef.js';
export { readNdefFile } from './nfc/ndef-file.js';
export { Ntag, type NtagInfo } from './nfc/ntag.js';
export { PcscReader } from './nfc/pcsc-reader.js';
export type { Clock, GpioLines, Level, NfcReader, PanelLine, PanelPort, SpiPort } from './ports.js';
export { connectHardwareSocket, type HardwareSocket } from './socket/hardware-socket.js';
export {
  HARDWARE_ANSWERS,
  HARDWARE_OPS,
  type HardwareMessage,
  MessageReader,
  messageHead,
  PANEL_LINES,
} from './socket/protocol.js';
