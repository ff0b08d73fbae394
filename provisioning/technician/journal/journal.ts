import { type FileHandle, open } from 'node:fs/promises';
import path from 'node:path';
import { parseJson } from '../../../contract/index.js';
import type { Clock } from '../../../hardware/index.js';
import { ProvisioningError } from '../../errors.js';
import { readIfThere, syncFolder } from '../../fleet/durable-file.js';
import { type HardwareRecord, type JournalEntry, JournalEntrySchema, type NewEntry, recordAfter } from './entry.js';
import { holdJournal } from './journal-hold.js';

const OWNER_ONLY = 0o600;

/**
 * What the tool has done, one line of JSON each, on the disk before the next step: it survives a kill and a power cut, and
 * is what is synced later. One process at a time.
 */
export class Journal {
  readonly #file: string;
  readonly #handle: FileHandle;
  readonly #clock: Pick<Clock, 'now'>;
  readonly #release: () => Promise<void>;
  readonly #records = new Map<string, HardwareRecord>();
  #bytes = 0;
  /** Settles when the last line is written: half of one must not be cut off behind another. */
  #tail: Promise<unknown> = Promise.resolve();

  private constructor(file: string, handle: FileHandle, clock: Pick<Clock, 'now'>, release: () => Promise<void>) {
    this.#file = file;
    this.#handle = handle;
    this.#clock = clock;
    this.#release = release;
  }

  /**
   * Opens a journal, or begins one.
   * @throws ProvisioningError `tech.journal-in-use`, `tech.journal-damaged`, `tech.file-unwritable`
   */
  static async open(file: string, clock: Pick<Clock, 'now'>): Promise<Journal> {
    const release = await holdJournal(file);
    let handle: FileHandle | undefined;
    try {
      handle = await open(file, 'a+', OWNER_ONLY);
      await syncFolder(path.dirname(path.resolve(file)));
      const journal = new Journal(file, handle, clock, release);
      await journal.#load();
      return journal;
    } catch (cause) {
      await handle?.close();
      await release();
      throw cause instanceof ProvisioningError ? cause : unwritable(file, cause);
    }
  }

  /** In the order in which they were begun. */
  get records(): readonly HardwareRecord[] {
    return [...this.#records.values()];
  }

  /** What the tag is, or was about to become. */
  byTag(tagUid: string): HardwareRecord | undefined {
    return this.records.findLast((record) => record.tagUid === tagUid || record.writing === tagUid);
  }

  byHwId(hwId: string): HardwareRecord | undefined {
    return this.#records.get(hwId);
  }

  /**
   * Notes what was done, or is about to be; when it resolves, it is on the disk.
   * @throws ProvisioningError `tech.file-unwritable`
   */
  async append(entry: NewEntry): Promise<HardwareRecord | undefined> {
    const written = this.#tail.then(() => this.#write(entry));
    this.#tail = written.catch(() => undefined);
    return await written;
  }

  async close(): Promise<void> {
    await this.#tail;
    await this.#handle.close();
    await this.#release();
  }

  async #write(entry: NewEntry): Promise<HardwareRecord | undefined> {
    const dated: JournalEntry = { v: 1, at: new Date(this.#clock.now()).toISOString(), ...entry };
    const line = Buffer.from(`${JSON.stringify(dated)}\n`);
    try {
      await this.#handle.write(line);
      await this.#handle.datasync();
    } catch (cause) {
      // Half a line would spoil the next one.
      await this.#handle.truncate(this.#bytes).catch(() => undefined);
      throw unwritable(this.#file, cause);
    }
    this.#bytes += line.length;
    return take(dated, this.#records);
  }

  async #load(): Promise<void> {
    const bytes = await this.#handle.readFile();
    this.#bytes = bytes.lastIndexOf('\n') + 1;
    if (this.#bytes < bytes.length) await this.#handle.truncate(this.#bytes);
    for (const entry of entriesIn(bytes.toString('utf8', 0, this.#bytes), this.#file)) take(entry, this.#records);
  }
}

/**
 * What a journal knows now, also while another run has it; nothing where there is none.
 * @throws ProvisioningError `tech.journal-damaged`, `tech.file-unreadable`
 */
export async function readJournal(file: string): Promise<readonly HardwareRecord[]> {
  const records = new Map<string, HardwareRecord>();
  const text = await readIfThere(file).catch((cause: unknown) => {
    throw new ProvisioningError('tech.file-unreadable', `the journal ${file}: ${String(cause)}`, { cause });
  });
  for (const entry of entriesIn(text ?? '', file)) take(entry, records);
  return [...records.values()];
}

/** Of whole lines: one without its end was never acknowledged to anybody. */
function entriesIn(text: string, file: string): JournalEntry[] {
  const lines = text.split('\n').slice(0, -1);
  return lines.map((line, at) => {
    const parsed = parseJson(JournalEntrySchema, line);
    if (parsed.ok) return parsed.value;
    const problems = parsed.refusals.map(({ path: where, reason }) => `${where} ${reason}`.trim()).join('; ');
    throw new ProvisioningError('tech.journal-damaged', `${file}, line ${at + 1}: ${problems}`);
  });
}

function take(entry: JournalEntry, records: Map<string, HardwareRecord>): HardwareRecord | undefined {
  const record = recordAfter(records.get(entry.hwId), entry);
  if (record !== undefined) records.set(entry.hwId, record);
  return record;
}

function unwritable(file: string, cause: unknown): ProvisioningError {
  const reason = cause instanceof Error ? cause.message : String(cause);
  return new ProvisioningError('tech.file-unwritable', `the journal ${file}: ${reason}`, { cause });
}
