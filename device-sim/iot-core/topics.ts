const MAX_BYTES = 256;
const MAX_SLASHES = 7;
const RULE_PREFIX = /^\$aws\/rules\/[^/]+\//;
const SHARE = /^\$share\/([^/+#]+)\/(.+)$/s;

export interface ParsedFilter {
  /** The name of the shared subscription, if it is one. */
  readonly group: string | undefined;
  /** The filter without `$share/<group>/`. */
  readonly filter: string;
}

/** Whether a message may be published there. Source of the limits: AWS IoT Core quotas. */
export function isTopicName(topic: string): boolean {
  return !/[+#\0]/.test(topic) && fits(topic.replace(RULE_PREFIX, ''));
}

/** Takes a filter apart; undefined if the broker does not take it. */
export function parseFilter(text: string): ParsedFilter | undefined {
  const match = SHARE.exec(text);
  if (match === null && text.startsWith('$share/')) return undefined;
  const filter = match?.[2] ?? text;
  if (filter.includes('\0') || !fits(filter.replace(RULE_PREFIX, '')) || !hasWildcardsInPlace(filter)) return undefined;
  return { group: match?.[1], filter };
}

export function hasWildcard(filter: string): boolean {
  return /[+#]/.test(filter);
}

/** Whether a filter without group covers a topic. `a/#` does not cover `a`: AWS leaves the MQTT rule here. */
export function covers(filter: string, topic: string): boolean {
  const filterLevels = filter.split('/');
  const levels = topic.split('/');
  if (topic.startsWith('$') && /^[+#]/.test(filter)) return false;
  for (const [index, wanted] of filterLevels.entries()) {
    if (wanted === '#') return levels.length > index;
    const level = levels[index];
    if (level === undefined || (wanted !== '+' && wanted !== level)) return false;
  }
  return levels.length === filterLevels.length;
}

function fits(text: string): boolean {
  const bytes = Buffer.byteLength(text);
  return bytes > 0 && bytes <= MAX_BYTES && text.split('/').length - 1 <= MAX_SLASHES;
}

function hasWildcardsInPlace(filter: string): boolean {
  const levels = filter.split('/');
  return levels.every(
    (level, index) => level === '+' || (level === '#' && index === levels.length - 1) || !hasWildcard(level),
  );
}
