/** One family of series, read when somebody asks. Samples are of its name and, for histograms, a suffix. */
export type Family = {
  name: string;
  type: 'counter' | 'gauge' | 'histogram';
  help: string;
  samples: readonly { suffix?: string; labels?: Readonly<Record<string, string | number>>; value: number }[];
};

/** The content type of what `exposition` gives. */
export const EXPOSITION_TYPE = 'text/plain; version=0.0.4; charset=utf-8';

/** Families in the text format of Prometheus 0.0.4; those without samples are left out. */
export function exposition(families: readonly Family[]): string {
  const lines = families
    .filter(({ samples }) => samples.length > 0)
    .flatMap(({ name, type, help, samples }) => [
      `# HELP ${name} ${help}`,
      `# TYPE ${name} ${type}`,
      ...samples.map(
        ({ suffix = '', labels = {}, value }) => `${name}${suffix}${labelsText(labels)} ${numberText(value)}`,
      ),
    ]);
  return `${lines.join('\n')}\n`;
}

function labelsText(labels: Readonly<Record<string, string | number>>): string {
  // JSON escapes what the format escapes: backslash, quote and line feed.
  const parts = Object.entries(labels).map(([name, value]) => `${name}=${JSON.stringify(String(value))}`);
  return parts.length === 0 ? '' : `{${parts.join(',')}}`;
}

function numberText(value: number): string {
  return value === Number.POSITIVE_INFINITY ? '+Inf' : String(value);
}
