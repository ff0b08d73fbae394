import { ModelFile } from './model-file.js';
import type { RecordedOp } from './recording.js';

type NameOp = (names: Map<string, ModelFile>) => void;

/**
 * What a card may hold when the power goes: what was synced is there; of everything after it, any part may be. The names
 * of a folder are durable once the folder was synced, and those after it come in order up to some point.
 */
export class DiskModel {
  readonly #durableNames = new Map<string, ModelFile>();
  readonly #names = new Map<string, ModelFile>();
  readonly #byInode = new Map<number, ModelFile>();
  #pendingNames: NameOp[] = [];

  apply(op: RecordedOp): void {
    switch (op.op) {
      case 'open':
        this.#opened(op.file, op.name);
        break;
      case 'write':
        this.#byInode.get(op.file)?.write(op.at, op.data);
        break;
      case 'truncate':
        this.#byInode.get(op.file)?.truncate(op.bytes);
        break;
      case 'sync':
        this.#byInode.get(op.file)?.sync();
        break;
      case 'unlink':
        this.#name((names) => names.delete(op.name));
        break;
      case 'rename':
        this.#name((names) => renameIn(names, op));
        break;
      case 'sync-folder':
        for (const change of this.#pendingNames) change(this.#durableNames);
        this.#pendingNames = [];
    }
  }

  /** One of the states that a power cut may leave; `random`: 0 to 1. */
  stateAfterCut(random: () => number): Map<string, Buffer> {
    const names = new Map(this.#durableNames);
    const kept = random() < 0.3 ? 0 : Math.floor(random() * (this.#pendingNames.length + 1));
    for (const change of this.#pendingNames.slice(0, kept)) change(names);
    return new Map([...names].map(([name, file]) => [name, file.contentAfterCut(random)]));
  }

  #opened(inode: number, name: string): void {
    if (this.#names.get(name)?.inode === inode) return;
    // The number of a file that is gone is given again.
    const file = new ModelFile(inode);
    this.#byInode.set(inode, file);
    this.#name((names) => names.set(name, file));
  }

  #name(change: NameOp): void {
    change(this.#names);
    this.#pendingNames.push(change);
  }
}

function renameIn(names: Map<string, ModelFile>, { from, to }: { from: string; to: string }): void {
  const file = names.get(from);
  names.delete(from);
  if (file !== undefined) names.set(to, file);
}
