import { type HubEvent, LANE_OF_EVENT, type Lane } from '../../../contract/index.js';

/** The lane in which an event travels. */
export function laneOf({ type }: Pick<HubEvent, 'type'>): Lane {
  return LANE_OF_EVENT[type];
}
