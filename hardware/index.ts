export { bitsPerPixelFor, type Frame, rowBytes } from './epd/frame.js';
export type { Clock, GpioLines, Level, NfcReader, PanelLine, PanelPort, SpiPort } from './ports.js';
