import { z } from 'zod';
import type { Clock } from '../../../hardware/index.js';
import { isJsonObject, type JsonObject } from '../json.js';
import { StateFile } from '../state-file.js';
import { deltaOf, mergeSection, type Section, stamp } from './shadow-document.js';
import { MAX_STATE_BYTES, reject, type ShadowRejection, type ShadowUpdate, tooLarge } from './shadow-request.js';

/** For this long after its end a shadow that is made again goes on counting. */
const VERSION_MEMORY_MS = 48 * 3_600_000;

const JsonObjectSchema = z.custom<JsonObject>(isJsonObject);
const SectionSchema = z.object({ state: JsonObjectSchema, metadata: JsonObjectSchema });

const ShadowSchema = z.object({
  thingName: z.string(),
  /** Undefined for the classic shadow. */
  name: z.string().optional(),
  desired: SectionSchema.optional(),
  reported: SectionSchema.optional(),
  version: z.number(),
  /** What is left of a deleted shadow is its version. */
  deletedMs: z.number().optional(),
});

const StateSchema = z.object({ version: z.literal(1), shadows: z.array(ShadowSchema) });

type Shadow = z.infer<typeof ShadowSchema>;

/** Which shadow of which thing. */
export interface ShadowId {
  readonly thingName: string;
  readonly name?: string | undefined;
}

/** A shadow, as its owner is told of it. */
export interface ShadowDocument {
  readonly state: JsonObject;
  readonly metadata: JsonObject;
  readonly version: number;
  readonly timestamp: number;
}

/** What is told to whoever listens after an update. */
export interface ShadowChange {
  readonly accepted: ShadowDocument;
  readonly delta: ShadowDocument | undefined;
  readonly documents: { readonly previous: JsonObject; readonly current: JsonObject; readonly timestamp: number };
}

interface ShadowsDeps {
  readonly file: string;
  readonly clock: Clock;
  readonly hasThing: (thingName: string) => boolean;
}

/** What each thing should be and says that it is. Source: AWS IoT developer guide, "Device Shadow service". */
export class Shadows {
  readonly #deps: ShadowsDeps;
  readonly #stored: StateFile<z.infer<typeof StateSchema>>;
  #shadows = new Map<string, Shadow>();

  /** @throws SimError `iot.state-unreadable` */
  constructor(deps: ShadowsDeps) {
    this.#deps = deps;
    this.#stored = new StateFile(deps.file, StateSchema);
    for (const shadow of this.#stored.read()?.shadows ?? []) this.#shadows.set(keyOf(shadow), shadow);
  }

  /** The names of a thing's shadows; the classic one has none. */
  names(thingName: string): (string | undefined)[] {
    const own = [...this.#shadows.values()].filter((one) => one.thingName === thingName && one.deletedMs === undefined);
    return own.map(({ name }) => name);
  }

  get(id: ShadowId): ({ readonly ok: true } & ShadowDocument) | ShadowRejection {
    const found = this.#find(id);
    if (!found.ok) return found;
    const { desired, reported, version } = found.shadow;
    const delta = deltaOf(desired, reported?.state);
    const state = { ...statesOf(found.shadow), ...(delta === undefined ? {} : { delta: delta.state }) };
    return { ok: true, state, metadata: metadataOf(found.shadow), version, timestamp: this.#timestamp };
  }

  /** `version`, if given, must be the one that the shadow has. */
  update(
    id: ShadowId,
    update: ShadowUpdate,
    version?: number | undefined,
  ): ({ readonly ok: true } & ShadowChange) | ShadowRejection {
    if (!this.#deps.hasThing(id.thingName)) return reject(404, 'Thing not found');
    const timestamp = this.#timestamp;
    const old = this.#remembered(id);
    if (version !== undefined && version !== (old?.version ?? 0)) return reject(409, 'Version conflict');
    const before = old?.deletedMs === undefined ? old : undefined;
    const next: Shadow = {
      thingName: id.thingName,
      name: id.name,
      desired: merged(before?.desired, update.desired, timestamp),
      reported: merged(before?.reported, update.reported, timestamp),
      version: (old?.version ?? 0) + 1,
    };
    if (Buffer.byteLength(JSON.stringify(statesOf(next))) > MAX_STATE_BYTES) return tooLarge(undefined);
    this.#keep(next);
    return { ok: true, ...changeOf(before, next, update, timestamp) };
  }

  delete(id: ShadowId): { readonly ok: true; readonly version: number; readonly timestamp: number } | ShadowRejection {
    const found = this.#find(id);
    if (!found.ok) return found;
    const { version } = found.shadow;
    this.#keep({ ...id, version, deletedMs: this.#deps.clock.now() });
    return { ok: true, version, timestamp: this.#timestamp };
  }

  get #timestamp(): number {
    return Math.floor(this.#deps.clock.now() / 1000);
  }

  #find(id: ShadowId): { readonly ok: true; readonly shadow: Shadow } | ShadowRejection {
    if (!this.#deps.hasThing(id.thingName)) return reject(404, 'Thing not found');
    const shadow = this.#shadows.get(keyOf(id));
    if (shadow !== undefined && shadow.deletedMs === undefined) return { ok: true, shadow };
    return reject(404, `No shadow exists with name: ${id.name ?? id.thingName}`);
  }

  /** The shadow, or what is left of it if it was deleted not too long ago. */
  #remembered(id: ShadowId): Shadow | undefined {
    const shadow = this.#shadows.get(keyOf(id));
    if (shadow?.deletedMs === undefined) return shadow;
    return this.#deps.clock.now() - shadow.deletedMs < VERSION_MEMORY_MS ? shadow : undefined;
  }

  /** Written first: what cannot be written has not happened. */
  #keep(shadow: Shadow): void {
    const shadows = new Map(this.#shadows).set(keyOf(shadow), shadow);
    this.#stored.write({ version: 1, shadows: [...shadows.values()] });
    this.#shadows = shadows;
  }
}

function changeOf(before: Shadow | undefined, next: Shadow, update: ShadowUpdate, timestamp: number): ShadowChange {
  const { version } = next;
  const delta = deltaOf(next.desired, next.reported?.state);
  const sent = Object.fromEntries(Object.entries(update));
  const stamps = Object.entries(update).flatMap(([name, section]) =>
    section === null ? [] : [[name, stamp(section, timestamp)] as const],
  );
  return {
    accepted: { state: sent, metadata: Object.fromEntries(stamps), version, timestamp },
    delta: delta === undefined ? undefined : { ...delta, version, timestamp },
    documents: { previous: wholeOf(before), current: wholeOf(next), timestamp },
  };
}

function wholeOf(shadow: Shadow | undefined): JsonObject {
  if (shadow === undefined) return { state: {}, metadata: {}, version: 0 };
  return { state: statesOf(shadow), metadata: metadataOf(shadow), version: shadow.version };
}

function statesOf({ desired, reported }: Shadow): JsonObject {
  return {
    ...(desired === undefined ? {} : { desired: desired.state }),
    ...(reported === undefined ? {} : { reported: reported.state }),
  };
}

function metadataOf({ desired, reported }: Shadow): JsonObject {
  return {
    ...(desired === undefined ? {} : { desired: desired.metadata }),
    ...(reported === undefined ? {} : { reported: reported.metadata }),
  };
}

function merged(
  section: Section | undefined,
  sent: JsonObject | null | undefined,
  timestamp: number,
): Section | undefined {
  if (sent === undefined) return section;
  return sent === null ? undefined : mergeSection(section, sent, timestamp);
}

function keyOf({ thingName, name }: ShadowId): string {
  return `${thingName}/${name ?? ''}`;
}
