import type { Metrics } from '../../cloud-api/metrics.js';

/** The value of one series, as whoever scrapes it reads it; 0 before the first. */
export function metricOf(metrics: Metrics, series: string): number {
  const line = metrics
    .render()
    .split('\n')
    .find((one) => one.startsWith(`${series} `));
  return Number(line?.slice(series.length) ?? 0);
}
