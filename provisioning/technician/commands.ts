import type { Command } from './command.js';
import { keygen } from './keygen.js';
import { makeTag } from './make-tag.js';
import { read } from './read.js';
import { verify } from './verify.js';

/** Every word of the tool, in the order in which a technician meets them. */
export const COMMANDS: ReadonlyMap<string, Command> = new Map([
  ['keygen', keygen],
  ['make-tag', makeTag],
  ['read', read],
  ['verify', verify],
]);
