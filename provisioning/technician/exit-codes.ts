/** How the tool ends; scripts may rely on it. */
export const EXIT = {
  done: 0,
  /** Refused or failed. */
  failed: 1,
  /** A flag is wrong: nothing was done. */
  usage: 2,
  /** Some of it is done, and some not, or is still to be synced. */
  partly: 3,
  /** By Ctrl-C, as shells say it of a command that SIGINT has ended. */
  calledOff: 130,
} as const;

export type ExitCode = (typeof EXIT)[keyof typeof EXIT];
