export type Json = string | number | boolean | null | Json[] | JsonObject;
export type JsonObject = { [key: string]: Json };

export function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Reads a payload as JSON. */
export function readJson(payload: Uint8Array): { value: Json } | 'not-json' | 'not-utf8' {
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(payload);
  } catch {
    return 'not-utf8';
  }
  try {
    const value: Json = JSON.parse(text);
    return { value };
  } catch {
    return 'not-json';
  }
}

/** How many keys or indexes lie on top of each other: `1` and `{}` have none, `{"a": 1}` has one. */
export function levelsOf(value: Json): number {
  let deepest = 0;
  const waiting: { value: Json; level: number }[] = [{ value, level: 0 }];
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    const { level } = next;
    deepest = Math.max(deepest, level);
    if (typeof next.value !== 'object' || next.value === null) continue;
    for (const inner of Object.values(next.value)) waiting.push({ value: inner, level: level + 1 });
  }
  return deepest;
}
