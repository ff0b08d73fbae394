import { crc32 } from 'node:zlib';
import type { Lane } from '../../contract/index.js';

/** What an event is, without its id. */
export type Sealed = {
  lane: Lane;
  pos: number;
  monoMs: number;
  wallMs: number;
  wq: number;
  type: string;
  body: string;
};

/** The same as what `sealOf` puts before the body, in SQL over a row of the log with its origin. */
export const SEALED_HEAD_SQL = (lane: Lane) =>
  `'${lane}/' || pos || '/' || mono_ms || '/' || (mono_ms + ahead_ms + skew_ms) || '/' || wq || '/' || type || '/'`;

/**
 * The checksum with which the id of an event ends, 32 bits. SQLite holds a page for whole in which a text was changed; by
 * this a changed event is told from one as it was accepted. The place is part of it, so that no two ids of a run are the same.
 */
export function sealOf({ lane, pos, monoMs, wallMs, wq, type, body }: Sealed): number {
  return crc32(body, crc32(`${lane}/${pos}/${monoMs}/${wallMs}/${wq}/${type}/`));
}
