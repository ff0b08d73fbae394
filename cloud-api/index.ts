export { buildApp } from './app.js';
export { type Clock, systemClock } from './clock.js';
export { type CloudConfig, CloudConfigSchema, readConfig } from './config.js';
export { CloudError, type CloudErrorCode } from './errors.js';
export { type Cloud, type CloudDeps, startCloud } from './start.js';
