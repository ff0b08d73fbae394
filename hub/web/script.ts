/** Keeps the page as fresh as the glass. Without it the page still works, by the link that loads it again. */
export const SCRIPT = `
'use strict';
const PERIOD_MS = 2000;
async function refresh() {
  if (document.hidden) return;
  const [displays, status] = await Promise.all(['/api/displays', '/api/status'].map((url) => fetch(url).then((r) => r.json())));
  for (const display of displays.displays) {
    const card = document.querySelector('[data-display="' + display.displayId + '"]');
    if (!card) continue;
    const seen = card.dataset.frame || '';
    const now = display.frameSha256 || '';
    if (now && now !== seen) {
      let picture = card.querySelector('img');
      if (!picture) { location.reload(); return; }
      picture.src = '/api/displays/' + display.displayId + '/glass.png?frame=' + now;
      card.dataset.frame = now;
    }
    const state = display.pendingPresentationId ? 'Drawing something new' : 'Up to date';
    const line = card.querySelector('[data-state]');
    if (line.textContent !== state) line.textContent = state;
  }
  const link = document.querySelector('[data-link]');
  const text = status.link.connected ? 'Connected to the cloud' : 'Working on its own, without the cloud';
  if (link.textContent !== text) link.textContent = text;
}
setInterval(() => refresh().catch(() => undefined), PERIOD_MS);
for (const link of document.querySelectorAll('[data-reload]')) link.hidden = true;
`;
