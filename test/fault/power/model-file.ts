type Change = { at: number; data: Buffer } | { bytes: number };
type Content = { data: Buffer; bytes: number };

const SECTOR_BYTES = 512;
const FIRST_BYTES = 64 * 1024;

/** How what was not synced may have reached the card. */
const FATES = ['none', 'all', 'prefix', 'subset', 'torn'] as const;

/** A file as it was at its last sync, and what was asked of it since. */
export class ModelFile {
  readonly inode: number;
  #durable: Content = { data: Buffer.alloc(FIRST_BYTES), bytes: 0 };
  #pending: Change[] = [];

  constructor(inode: number) {
    this.inode = inode;
  }

  write(at: number, data: Buffer): void {
    this.#pending.push({ at, data });
  }

  truncate(bytes: number): void {
    this.#pending.push({ bytes });
  }

  sync(): void {
    for (const change of this.#pending) apply(this.#durable, change);
    this.#pending = [];
  }

  contentAfterCut(random: () => number): Buffer {
    const { data, bytes } = this.#durable;
    const content = { data: Buffer.from(data), bytes };
    for (const change of survivors(this.#pending, random)) apply(content, change);
    return content.data.subarray(0, sizeAfterCut(bytes, content.bytes, random));
  }
}

function survivors(pending: readonly Change[], random: () => number): Change[] {
  const fate = FATES[Math.floor(random() * FATES.length)];
  const some = () => Math.floor(random() * (pending.length + 1));
  switch (fate) {
    case 'all':
      return [...pending];
    case 'prefix':
      return pending.slice(0, some());
    case 'subset':
      return pending.filter(() => random() < 0.5);
    case 'torn':
      return pending.slice(0, some()).flatMap((change) => (random() < 0.5 ? torn(change, random) : [change]));
    default:
      return [];
  }
}

/** A card writes sectors, each whole or not at all. */
function torn(change: Change, random: () => number): Change[] {
  if (!('data' in change)) return [change];
  const { at, data } = change;
  const parts: Change[] = [];
  for (let from = 0; from < data.length; ) {
    const to = Math.min(data.length, from + SECTOR_BYTES - ((at + from) % SECTOR_BYTES));
    if (random() < 0.5) parts.push({ at: at + from, data: data.subarray(from, to) });
    from = to;
  }
  return parts;
}

/** The length of a file is written on its own: what was added may be beyond it. */
function sizeAfterCut(durable: number, written: number, random: () => number): number {
  if (written <= durable || random() < 0.8) return written;
  return Math.min(written, durable + SECTOR_BYTES * Math.floor((random() * (written - durable)) / SECTOR_BYTES));
}

function apply(content: Content, change: Change): void {
  if ('data' in change) {
    const end = change.at + change.data.length;
    while (content.data.length < end) content.data = Buffer.concat([content.data, Buffer.alloc(content.data.length)]);
    change.data.copy(content.data, change.at);
    content.bytes = Math.max(content.bytes, end);
  } else {
    // What is beyond the end reads as zeros when the file grows again.
    content.data.fill(0, Math.min(change.bytes, content.data.length));
    content.bytes = change.bytes;
  }
}
