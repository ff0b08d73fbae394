import type { HubEvent } from '../../../contract/index.js';

/** What an event of the benchmarks says, in bytes of JSON. */
export const PAYLOAD_BYTES = 160;

const AT = '2026-01-01T00:00:00.000Z';

/** An event of lane 1, no two alike, whose body is 160 bytes of JSON. */
function anEvent(number: number): HubEvent {
  const body = { at: AT, connected: number % 2 === 0, reason: `${number}:` };
  const missing = PAYLOAD_BYTES - Buffer.byteLength(JSON.stringify(body));
  return {
    type: 'link.changed',
    body: { ...body, reason: body.reason.padEnd(body.reason.length + missing, 'a card ') },
  };
}

const EVENTS: readonly HubEvent[] = Array.from({ length: 1_000 }, (_, number) => anEvent(number));

/** Events that are made already, so that their making is not measured. */
export function madeEvent(number: number): HubEvent {
  return EVENTS[number % EVENTS.length] ?? anEvent(number);
}
