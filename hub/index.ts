export { type HubConfig, HubConfigSchema, readConfig } from './config.js';
export { HubError, type HubErrorCode } from './errors.js';
export { createHub, type Hub, type HubDeps } from './hub.js';
