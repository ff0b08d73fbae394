import type { HardwareReport } from '../../../contract/index.js';
import type { Journal } from '../journal/journal.js';
import type { Output } from '../output.js';
import { type BoxedHub, hubValue, progressWords, stageOf } from './hub-stage.js';

/** The hubs of one box, as the journal and the cloud know them, and what of it has been told. */
export class Box {
  readonly name: string;
  readonly count: number;
  readonly #journal: Pick<Journal, 'records'>;
  readonly #output: Pick<Output, 'result'>;
  readonly #hasCloud: boolean;
  readonly #reports = new Map<string, HardwareReport>();
  readonly #told = new Map<string, string>();

  constructor({
    name,
    count,
    journal,
    output,
    hasCloud,
  }: {
    name: string;
    count: number;
    journal: Pick<Journal, 'records'>;
    output: Pick<Output, 'result'>;
    hasCloud: boolean;
  }) {
    this.name = name;
    this.count = count;
    this.#journal = journal;
    this.#output = output;
    this.#hasCloud = hasCloud;
  }

  /** Those whose tag is done, in that order. */
  get hubs(): BoxedHub[] {
    return this.#journal.records
      .filter(({ box, tagged }) => box === this.name && tagged !== undefined)
      .sort((one, other) => (one.tagged?.at ?? '').localeCompare(other.tagged?.at ?? ''))
      .map((record, at) => ({ number: at + 1, record, report: this.#reports.get(record.hwId) }));
  }

  get isFull(): boolean {
    return this.hubs.length >= this.count;
  }

  heard(report: HardwareReport): void {
    this.#reports.set(report.hwId, report);
  }

  /** Tells of every hub that has come further than was told. */
  tell(): void {
    for (const hub of this.hubs) {
      const words = progressWords(hub, this.count, this.#hasCloud);
      if (this.#told.get(hub.record.hwId) === words) continue;
      this.#told.set(hub.record.hwId, words);
      const ok = !stageOf(hub).endsWith('refused');
      this.#output.result({ ok, event: 'hub', box: this.name, count: this.count, ...hubValue(hub) }, words);
    }
  }
}
