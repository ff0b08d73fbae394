import type { QueueView } from '../api/queue-view.js';
import { type Html, html } from './html.js';

const REASONS: Readonly<Record<string, string>> = {
  quota: 'for want of room',
  ttl: 'too old to matter',
  thin: 'thinned out for want of room',
  corrupt: 'lost with a damaged file',
  reject_newer_major: 'the cloud does not understand them any more',
};
const UNITS = ['bytes', 'KB', 'MB', 'GB'] as const;
const [MINUTE_S, HOUR_S, DAY_S] = [60, 3600, 86_400] as const;

/** What only the people in the house can mend, if there is such a thing. */
export function queueNotice({ state, sentence }: QueueView): Html {
  return state === 'full' ? html`<p class="notice" role="alert">${sentence}</p>` : html``;
}

/** What waits for the cloud, when it was told last, and what was given up and why. */
export function queuePanel(queue: QueueView, timeOfDay: (atMs: number) => string): Html {
  const { sentence, waiting, sync, card, dropped, rejected } = queue;
  const oldest = waiting.oldestS === null ? 'nothing waits' : lasting(waiting.oldestS);
  return html`<p role="status">${sentence}</p>
<dl>
<dt>Waiting to be told</dt><dd>${waiting.rows} ${waiting.rows === 1 ? 'event' : 'events'}, ${sizeOf(waiting.bytes)}</dd>
<dt>The oldest of them</dt><dd>${oldest}</dd>
<dt>Last told everything new</dt><dd>${sync.lastSyncedAt === null ? 'never yet' : moment(sync.lastSyncedAt, timeOfDay)}</dd>
<dt>Next try</dt><dd>${sync.nextTryAt === null ? 'when something happens' : moment(sync.nextTryAt, timeOfDay)}${
    sync.lastError === null ? '' : html` <span class="soft">(${sync.lastError}, ${sync.failures} in a row)</span>`
  }</dd>
<dt>Given up</dt><dd>${droppedText(dropped)}</dd>
${rejected === 0 ? '' : html`<dt>Not understood by the cloud, and kept there</dt><dd>${rejected}</dd>`}
<dt>Free on the card</dt><dd>${card.freeBytes === null ? 'not known' : sizeOf(card.freeBytes)}</dd>
</dl>`;
}

function droppedText(dropped: QueueView['dropped']): string {
  const told = Object.entries(dropped).map(([reason, count]) => `${count} ${REASONS[reason] ?? reason}`);
  return told.length === 0 ? 'nothing' : told.join(', ');
}

function moment(at: string, timeOfDay: (atMs: number) => string): Html {
  return html`<time datetime="${at}">${at.slice(0, 'YYYY-MM-DD'.length)}, ${timeOfDay(Date.parse(at))}</time>`;
}

function lasting(seconds: number): string {
  const counted = (count: number, unit: string) =>
    `for ${Math.floor(count)} ${unit}${Math.floor(count) === 1 ? '' : 's'}`;
  if (seconds < MINUTE_S) return 'for less than a minute';
  if (seconds < HOUR_S) return counted(seconds / MINUTE_S, 'minute');
  return seconds < DAY_S ? counted(seconds / HOUR_S, 'hour') : counted(seconds / DAY_S, 'day');
}

function sizeOf(bytes: number): string {
  let [value, unit] = [bytes, 0];
  while (value >= 1000 && unit < UNITS.length - 1) [value, unit] = [value / 1000, unit + 1];
  return `${unit === 0 ? value : value.toFixed(1)} ${UNITS[unit]}`;
}
