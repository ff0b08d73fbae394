import { HubEventSchema, type Lane, parseMessage, type SyncEvent, SyncEventSchema } from '../../contract/index.js';
import { isTooDeep } from './too-deep.js';
import type { Verdict } from './visit.js';

const KNOWN_TYPES: readonly string[] = HubEventSchema.options.map(({ shape }) => shape.type.value);
/** Of every type; all were first shipped within the last 400 days. Source: sync protocol, section 8. */
const KNOWN_VERSION = 1;
/** The columns that hold it go no further. */
const LARGEST_VERSION = 2 ** 31 - 1;

type Arrived = { seq: number; event: unknown };

/**
 * Says what an event of a lane is: nobody can read it, it is here already by where it was before, its type or version
 * is not known yet, or it is news. `isCovered` tells whether an earlier place of an event is covered. Source: sync
 * protocol, section 3 rules 5 and 7.
 */
export function judgeEvent(
  lane: Lane,
  { seq, event: raw }: Arrived,
  isCovered: (was: { epoch: string; lane: Lane; seq: number }, event: SyncEvent) => boolean,
): Verdict {
  if (isTooDeep(raw)) return { kind: 'dead', seq, reason: 'event.too-deep', raw: null };
  const parsed = parseMessage(SyncEventSchema, raw);
  if (!parsed.ok) return { kind: 'dead', seq, reason: 'event.malformed', raw };
  const event = parsed.value;
  if (event.was?.some((was) => isCovered(was, event))) return { kind: 'covered', seq };
  // PostgreSQL holds no zero character in text.
  if ((lane === 0 && event.id === undefined) || event.type.includes('\0') || event.tv > LARGEST_VERSION)
    return { kind: 'dead', seq, reason: 'event.malformed', raw };
  if (!KNOWN_TYPES.includes(event.type) || event.tv !== KNOWN_VERSION)
    return { kind: 'event', seq, event, news: undefined, raw };
  const read = parseMessage(HubEventSchema, { type: event.type, body: event.body });
  if (!read.ok) return { kind: 'dead', seq, reason: 'event.invalid-body', raw };
  return { kind: 'event', seq, event, news: read.value, raw };
}
