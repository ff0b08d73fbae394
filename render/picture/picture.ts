/** 8-bit sRGB, three bytes per pixel, rows first. */
export type Picture = { width: number; height: number; rgb: Uint8Array };
