/** Counters and gauges in the text format of Prometheus 0.0.4. */
export class Metrics {
  readonly #counters = new Map<string, number>();
  readonly #gauges = new Map<string, () => number>();

  /** Adds to the counter `name`, e.g. `inklet_sync_events_total`. */
  count(name: string, labels: Record<string, string> = {}, by = 1): void {
    const series = `${name}${labelText(labels)}`;
    this.#counters.set(series, (this.#counters.get(series) ?? 0) + by);
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
    for (const [name, value] of this.#gauges) lines.push(`# TYPE ${name} gauge`, `${name} ${value()}`);
    return `${lines.join('\n')}\n`;
  }
}

function labelText(labels: Record<string, string>): string {
  const parts = Object.entries(labels).map(([key, value]) => `${key}=${JSON.stringify(value)}`);
  return parts.length === 0 ? '' : `{${parts.join(',')}}`;
}
