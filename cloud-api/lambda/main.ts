import { preProvisioningHandler } from './pre-provisioning.js';
import { settingsFrom } from './settings.js';

/** AWS Lambda's entry: the pre-provisioning hook of the fleet provisioning templates. */
export const handler = preProvisioningHandler({ ...settingsFrom(process.env), fetch });
