export { buildApp } from './app.js';
export { systemClock } from './clock.js';
export { readConfig } from './config.js';
export { startCloud } from './start.js';
