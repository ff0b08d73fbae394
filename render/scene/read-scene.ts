import type { z } from 'zod';
import { RenderError } from '../errors.js';
import { type Scene, SceneSchema } from './schema.js';
import { SCENE_LIMITS } from './values.js';

/** Keys from one node to the next at most: `rows`, a row, a cell. */
const KEYS_A_NODE = 3;

/**
 * Reads a scene from outside.
 * @throws `render.bad-scene` naming the path of what is wrong, such as `root.children[2].size`
 */
export function readScene(json: unknown): Scene {
  measure(json);
  const read = SceneSchema.safeParse(json);
  if (read.success) return read.data;
  const [first] = read.error.issues;
  const { path, message } = first === undefined ? { path: [], message: 'invalid' } : deepest(first);
  throw badScene(scenePath(path), message);
}

/** A path as it is told to people: `root.children[2].size`. */
export function scenePath(path: readonly PropertyKey[]): string {
  const words = path.map((key) => (typeof key === 'number' ? `[${key}]` : `.${String(key)}`));
  return words.join('').replace(/^\./, '') || 'the scene';
}

/** An error about the node or value at a path. */
export function badScene(path: string, message: string): RenderError {
  return new RenderError('render.bad-scene', `${path}: ${message}`);
}

/** Depth, nodes and letters, counted without recursion: the schema would run out of stack or time before it counts. */
function measure(json: unknown): void {
  const waiting: { value: unknown; path: readonly PropertyKey[]; depth: number }[] = [
    { value: json, path: [], depth: 0 },
  ];
  let nodes = 0;
  let letters = 0;
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    const { value, path, depth } = next;
    if (typeof value === 'string') letters += value.length;
    if (letters > SCENE_LIMITS.allLetters) {
      throw badScene(scenePath(path), `more than ${SCENE_LIMITS.allLetters} letters in all`);
    }
    if (typeof value !== 'object' || value === null) continue;
    const isNode = 'type' in value;
    if (isNode) nodes += 1;
    if (nodes > SCENE_LIMITS.nodes) throw badScene(scenePath(path), `more than ${SCENE_LIMITS.nodes} nodes`);
    if (depth >= SCENE_LIMITS.depth || path.length > SCENE_LIMITS.depth * KEYS_A_NODE) {
      throw badScene(scenePath(path), `deeper than ${SCENE_LIMITS.depth} nodes`);
    }
    for (const [key, inner] of entriesOf(value)) {
      waiting.push({ value: inner, path: [...path, key], depth: isNode ? depth + 1 : depth });
    }
  }
}

function entriesOf(value: object): Iterable<[PropertyKey, unknown]> {
  return Array.isArray(value) ? value.entries() : Object.entries(value);
}

type Issue = z.core.$ZodIssue;

/** Of a value that fits none of several forms, the form that it came nearest to. */
function deepest(issue: Issue): { path: readonly PropertyKey[]; message: string } {
  if (issue.code !== 'invalid_union') return issue;
  let best: { path: readonly PropertyKey[]; message: string } = issue;
  for (const inner of issue.errors.flat()) {
    const { path, message } = deepest(inner);
    if (path.length > best.path.length - issue.path.length) best = { path: [...issue.path, ...path], message };
  }
  return best;
}
