/** Keeps the page as fresh as the glass, and leaves forms alone. Without it, a link loads the page again. */
export const SCRIPT = `
'use strict';
const PERIOD_MS = 2000;
async function refresh() {
  if (document.hidden) return;
  const reply = await fetch('/', { headers: { accept: 'text/html' } });
  if (!reply.ok) return;
  const fresh = new DOMParser().parseFromString(await reply.text(), 'text/html');
  for (const part of document.querySelectorAll('[data-live]')) {
    const next = fresh.querySelector('[data-live="' + part.dataset.live + '"]');
    // Only what has changed: whoever has the page read aloud hears news, and nothing twice.
    if (next && next.innerHTML !== part.innerHTML) part.replaceChildren(...next.childNodes);
  }
}
setInterval(() => refresh().catch(() => undefined), PERIOD_MS);
document.documentElement.classList.add('live');
`;
