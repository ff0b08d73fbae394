import type { Command } from './command.js';
import { diagnose } from './diagnose/diagnose.js';
import { keygen } from './keygen.js';
import { label } from './label/label.js';
import { makeTag } from './make-tag.js';
import { provision } from './provision/provision.js';
import { read } from './read.js';
import { sync } from './sync.js';
import { ticket } from './ticket.js';
import { verify } from './verify.js';
import { workOrder } from './work-order-command.js';

/** Every word of the tool, in the order in which a technician meets them. */
export const COMMANDS: ReadonlyMap<string, Command> = new Map([
  ['keygen', keygen],
  ['make-tag', makeTag],
  ['read', read],
  ['verify', verify],
  ['provision', provision],
  ['sync', sync],
  ['label', label],
  ['work-order', workOrder],
  ['ticket', ticket],
  ['diagnose', diagnose],
]);
