import { z } from 'zod';

/** A moment on a wire: RFC 3339 in UTC, e.g. `2026-03-01T07:00:00.000Z`. */
export const TimestampSchema = z.iso.datetime();

/** A UUID in its text form; ours are version 7 (users version 4). */
export const IdSchema = z.uuid();

/** SHA-256 as 64 lower-case hex digits: the name of a frame or an asset. */
export const Sha256Schema = z.string().regex(/^[0-9a-f]{64}$/, 'not 64 lower-case hex digits');

/** AWS IoT thing name: 1 to 128 letters, digits, `:`, `_` and `-`. */
export const ThingNameSchema = z.string().regex(/^[a-zA-Z0-9:_-]{1,128}$/, 'not an AWS IoT thing name');

/** A colour that a panel has. */
export const InkSchema = z.enum([
  'black',
  'white',
  'dark-grey',
  'light-grey',
  'red',
  'yellow',
  'blue',
  'green',
  'orange',
]);

export type Ink = z.infer<typeof InkSchema>;
