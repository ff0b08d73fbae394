/** The hub's MQTT 5 connection, which is mended when it breaks: client id = thing name, nothing queued in memory. */
export { MendedLink } from './cloud-link/mended-link.js';
