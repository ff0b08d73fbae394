import type { Clock } from '../../hardware/index.js';
import type { ExitCode } from './exit-codes.js';
import type { Output } from './output.js';
import type { OpenReader } from './reader/open-reader.js';

/** What the commands work with. */
export type Tool = {
  clock: Clock;
  /** 0 to 1. */
  random: () => number;
  randomBytes: (length: number) => Uint8Array;
  fetch: typeof fetch;
  openReader: OpenReader;
  output: Output;
  /** Aborted by Ctrl-C. */
  signal: AbortSignal;
};

/** One word of the tool. */
export type Command = {
  /** For the list of commands: one line. */
  summary: string;
  /** What `--help` says behind the command's name. */
  usage: string;
  run: (argv: readonly string[], tool: Tool) => Promise<ExitCode>;
};
