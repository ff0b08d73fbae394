/** The hub's MQTT 5 connection over the AWS device SDK: client id = thing name, nothing queued in memory. */
export { AwsLink } from './cloud-link/aws-link.js';
/** Takes a message of the cloud; it is acknowledged when the promise resolves. */
export type { MessageHandler } from './cloud-link/cloud-link.js';
