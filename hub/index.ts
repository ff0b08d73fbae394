export { AwsLink, type AwsLinkOptions } from './cloud-link/aws-link.js';
export type { CloudLink, LinkState, MessageHandler } from './cloud-link/cloud-link.js';
export { type HubConfig, HubConfigSchema, readConfig } from './config.js';
export { HubError, type HubErrorCode } from './errors.js';
export { createHub, type Hub, type HubDeps } from './hub.js';
