import { thingNameFor } from '../../hw-id/index.js';
import type { HardwareRecord } from '../journal/entry.js';

/** What every result tells of a piece of hardware. */
export type HardwareWords = {
  hwId: string;
  thingName: string;
  tagUid: string;
  keyId: number;
  model: number;
  batch: number;
};

/** Who a tag says that it is, for results and reports. */
export function hardwareWords({
  hwId,
  tagUid,
  keyId,
  model,
  batch,
}: Pick<HardwareRecord, 'hwId' | 'tagUid' | 'keyId' | 'model' | 'batch'>): HardwareWords {
  return { hwId, thingName: thingNameFor(hwId), tagUid, keyId, model, batch };
}
