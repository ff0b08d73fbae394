import { z } from 'zod';
import { HwIdSchema, TagUidSchema } from '../../hw-id/index.js';

const identity = {
  tagUid: TagUidSchema,
  hwId: HwIdSchema,
  keyId: z.number().int().min(0).max(0xff),
  model: z.number().int().min(0).max(0xff),
  batch: z.number().int().min(0).max(0xffff),
  box: z.string().min(1).max(100).optional(),
} as const;

const dated = { v: z.literal(1), at: z.iso.datetime() } as const;

/** One line of the journal. */
export const JournalEntrySchema = z.discriminatedUnion('event', [
  /** Before a tag is written, so that what a kill interrupts gets no second identity. */
  z.object({ ...dated, event: z.literal('intended'), ...identity }),
  /** The tag proves this identity. */
  z.object({
    ...dated,
    event: z.literal('tagged'),
    ...identity,
    how: z.enum(['made', 'finished', 'verified']),
    locked: z.boolean(),
  }),
  z.object({ ...dated, event: z.literal('registered'), hwId: HwIdSchema, state: z.string() }),
  z.object({ ...dated, event: z.literal('refused'), hwId: HwIdSchema, code: z.string(), message: z.string() }),
]);

export type JournalEntry = z.infer<typeof JournalEntrySchema>;

type Undated<T> = T extends unknown ? Omit<T, 'v' | 'at'> : never;

export type NewEntry = Undated<JournalEntry>;

/** What the journal knows of a piece of hardware. */
export type HardwareRecord = {
  tagUid: string;
  hwId: string;
  keyId: number;
  model: number;
  batch: number;
  box: string | undefined;
  /** The UID of the tag that was about to be written, until it proves this identity. */
  writing: string | undefined;
  /** Undefined before a tag has ever proved it. */
  tagged: { at: string; how: 'made' | 'finished' | 'verified'; locked: boolean } | undefined;
  registration: Registration;
};

export type Registration =
  | { state: 'queued' }
  | { state: 'registered'; at: string; hardware: string }
  | { state: 'refused'; at: string; code: string; message: string };

const QUEUED: Registration = { state: 'queued' };

/** What becomes of a record, or of none, by an entry about it. */
export function recordAfter(record: HardwareRecord | undefined, entry: JournalEntry): HardwareRecord | undefined {
  const { at } = entry;
  switch (entry.event) {
    case 'intended':
      // What a tag has proved stays true until another has been written in its place.
      return record?.tagged === undefined
        ? { ...identityOf(entry, record), writing: entry.tagUid, tagged: undefined, registration: QUEUED }
        : { ...record, writing: entry.tagUid };
    case 'tagged': {
      const { how, locked } = entry;
      const first = record?.writing === undefined ? record?.tagged : undefined;
      const isKnown = record !== undefined && sameFacts(record, entry);
      return {
        ...identityOf(entry, record),
        writing: undefined,
        tagged: { at: first?.at ?? at, how: first?.how ?? how, locked },
        registration: isKnown ? record.registration : QUEUED,
      };
    }
    case 'registered':
      return record && { ...record, registration: { state: 'registered', at, hardware: entry.state } };
    case 'refused':
      return record && { ...record, registration: { state: 'refused', at, code: entry.code, message: entry.message } };
  }
}

type Identified = Extract<JournalEntry, { event: 'intended' | 'tagged' }>;

function identityOf({ tagUid, hwId, keyId, model, batch, box }: Identified, record: HardwareRecord | undefined) {
  return { tagUid, hwId, keyId, model, batch, box: box ?? record?.box };
}

function sameFacts(record: HardwareRecord, { tagUid, keyId, model, batch }: Identified): boolean {
  return record.tagUid === tagUid && record.keyId === keyId && record.model === model && record.batch === batch;
}
