import { isDeepStrictEqual } from 'node:util';
import { isJsonObject, type Json, type JsonObject } from '../json.js';

/** `desired` or `reported`, with the time in seconds of each of its leaves. */
export interface Section {
  readonly state: JsonObject;
  readonly metadata: JsonObject;
}

/** Merges what was sent into a section: objects key by key, arrays whole, and null takes a key away. */
export function mergeSection(section: Section | undefined, sent: JsonObject, timestamp: number): Section {
  const state = new Map(Object.entries(section?.state ?? {}));
  const metadata = new Map(Object.entries(section?.metadata ?? {}));
  for (const [key, value] of Object.entries(sent)) {
    if (value === null) {
      state.delete(key);
      metadata.delete(key);
      continue;
    }
    if (!isJsonObject(value)) {
      state.set(key, value);
      metadata.set(key, stamp(value, timestamp));
      continue;
    }
    const inner = mergeSection(sectionAt(state.get(key), metadata.get(key)), value, timestamp);
    state.set(key, inner.state);
    metadata.set(key, inner.metadata);
  }
  return { state: Object.fromEntries(state), metadata: Object.fromEntries(metadata) };
}

/** What of `desired` is not so in `reported`, with the metadata of desired; undefined if nothing. */
export function deltaOf(desired: Section | undefined, reported: JsonObject | undefined): Section | undefined {
  const state: [string, Json][] = [];
  const metadata: [string, Json][] = [];
  for (const [key, wanted] of Object.entries(desired?.state ?? {})) {
    const is = reported !== undefined && Object.hasOwn(reported, key) ? reported[key] : undefined;
    const stamps = desired?.metadata[key] ?? {};
    if (isJsonObject(wanted) && isJsonObject(is)) {
      const inner = deltaOf(sectionAt(wanted, stamps), is);
      if (inner === undefined) continue;
      state.push([key, inner.state]);
      metadata.push([key, inner.metadata]);
    } else if (!isDeepStrictEqual(wanted, is)) {
      state.push([key, wanted]);
      metadata.push([key, stamps]);
    }
  }
  if (state.length === 0) return undefined;
  return { state: Object.fromEntries(state), metadata: Object.fromEntries(metadata) };
}

/** The metadata of a value all of which is new. */
export function stamp(value: Json, timestamp: number): Json {
  if (Array.isArray(value)) return value.map((one) => stamp(one, timestamp));
  if (!isJsonObject(value)) return { timestamp };
  const kept = Object.entries(value).filter(([, inner]) => inner !== null);
  return Object.fromEntries(kept.map(([key, inner]) => [key, stamp(inner, timestamp)]));
}

function sectionAt(state: Json | undefined, metadata: Json | undefined): Section | undefined {
  if (!isJsonObject(state)) return undefined;
  return { state, metadata: isJsonObject(metadata) ? metadata : {} };
}
