export { RENDER_ERROR_CODES, RenderError, type RenderErrorCode } from './errors.js';
export type { Rgb } from './frame/inks.js';
export { packFrame, unpackFrame } from './frame/pack.js';
export { frameToPng, pngToFrame } from './frame/png.js';
export type { Align, Fit, PageContent, RenderInput, RenderTarget } from './input.js';
export { renderFrame } from './render-frame.js';
export { readScene } from './scene/read-scene.js';
export type { Scene, SceneNode } from './scene/schema.js';
export { type Renderer, type RendererOptions, startRenderer } from './worker/renderer.js';
