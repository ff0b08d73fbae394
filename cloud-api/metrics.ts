/** Counters, gauges and histograms in the text format of Prometheus 0.0.4. */
export class Metrics {
  readonly #counters = new Map<string, number>();
  readonly #histograms = new Map<string, Histogram>();
  readonly #gauges = new Map<string, () => number>();

  /** Adds to the counter `name`, e.g. `inklet_sync_events_total`. */
  count(name: string, labels: Record<string, string> = {}, by = 1): void {
    const series = `${name}${labelText(labels)}`;
    this.#counters.set(series, (this.#counters.get(series) ?? 0) + by);
  }

  /** Adds to the histogram `name` with these upper bounds, which rise, e.g. `inklet_sync_commit_seconds`. */
  observe(name: string, bounds: readonly number[], value: number): void {
    const known = this.#histograms.get(name);
    const histogram = known ?? { bounds, counts: bounds.map(() => 0), sum: 0, count: 0 };
    if (known === undefined) this.#histograms.set(name, histogram);
    histogram.counts = histogram.counts.map((count, index) => (value <= (bounds[index] ?? 0) ? count + 1 : count));
    histogram.sum += value;
    histogram.count += 1;
  }

  /** Reads `value` whenever somebody asks. */
  gauge(name: string, value: () => number): void {
    this.#gauges.set(name, value);
  }

  render(): string {
    const lines: string[] = [];
    let last = '';
    for (const [series, value] of [...this.#counters].sort(([a], [b]) => (a < b ? -1 : 1))) {
      const name = series.split('{', 1)[0] ?? series;
      if (name !== last) lines.push(`# TYPE ${name} counter`);
      last = name;
      lines.push(`${series} ${value}`);
    }
    for (const [name, histogram] of this.#histograms) lines.push(...linesOf(name, histogram));
    for (const [name, value] of this.#gauges) lines.push(`# TYPE ${name} gauge`, `${name} ${value()}`);
    return `${lines.join('\n')}\n`;
  }
}

type Histogram = { bounds: readonly number[]; counts: number[]; sum: number; count: number };

function linesOf(name: string, { bounds, counts, sum, count }: Histogram): string[] {
  const buckets = bounds.map((bound, index) => `${name}_bucket{le="${bound}"} ${counts[index]}`);
  const whole = [`${name}_bucket{le="+Inf"} ${count}`, `${name}_sum ${sum}`, `${name}_count ${count}`];
  return [`# TYPE ${name} histogram`, ...buckets, ...whole];
}

function labelText(labels: Record<string, string>): string {
  const parts = Object.entries(labels).map(([key, value]) => `${key}=${JSON.stringify(value)}`);
  return parts.length === 0 ? '' : `{${parts.join(',')}}`;
}
