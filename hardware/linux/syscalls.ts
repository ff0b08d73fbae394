/**
 * What we ask of the Linux kernel. Numbers are answered as the kernel itself answers them: below zero is minus errno.
 * Everything above this seam packs and reads the same bytes on a Raspberry Pi and on a simulated kernel.
 */
export interface Syscalls {
  /** Opens a device for reading and writing. */
  open(path: string): number;
  close(fd: number): void;
  /**
   * Hands a struct to the kernel, which may write its answer into it. With `aside` the call waits on another thread,
   * so that this one goes on: for what takes longer than a moment.
   */
  ioctl(fd: number, request: number, struct: Uint8Array, aside?: boolean): Promise<number>;
  /** Where the bytes are, for a struct that points to them. They must be kept, and more than 64, for V8 to leave them there. */
  addressOf(bytes: Uint8Array): bigint;
  /** The names in a folder, or none if there is no such folder. */
  list(folder: string): readonly string[];
  /** A small text file such as those of /sys. */
  readText(path: string): string | undefined;
}
