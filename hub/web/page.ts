import type { DisplayState } from '../../contract/index.js';
import type { HubStatus } from '../api/status.js';
import { type Html, html } from './html.js';

/** What the first page shows. `problem`: why the last form was not taken. */
export type PageView = { status: HubStatus; displays: readonly DisplayState[]; problem?: string };

/** The household's first page, whole without JavaScript. */
export function page({ status, displays, problem }: PageView): string {
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Inklet</title>
<link rel="stylesheet" href="/style.css">
<script src="/page.js" defer></script>
</head>
<body>
<header>
<h1>${status.household?.householdName ?? 'Inklet'}</h1>
<p class="soft" role="status" data-link>${linkText(status)}</p>
</header>
<main>
${problem === undefined ? '' : html`<p class="notice" role="alert">${problem}</p>`}
${identityNotice(status)}
${displays.map(card)}
</main>
<footer class="soft">
<p><a href="/" data-reload>Look again</a></p>
<details><summary>About this hub</summary>
<dl>
<dt>Name</dt><dd>${status.thingName ?? 'none yet'}</dd>
<dt>Hardware</dt><dd>${status.hwId ?? 'not read yet'}</dd>
<dt>Version</dt><dd>${status.version}</dd>
<dt>Waiting to be told to the cloud</dt><dd>${status.sync.queueDepth}</dd>
</dl>
</details>
</footer>
</body>
</html>
`.text;
}

function linkText({ link }: HubStatus): string {
  return link.connected ? 'Connected to the cloud' : 'Working on its own, without the cloud';
}

function identityNotice({ identity, household }: HubStatus): Html {
  const { state, code, advice, retryAt } = identity;
  if (code !== null) {
    const again =
      retryAt === null ? '' : html` It asks again by <time datetime="${retryAt}">${clockTime(retryAt)}</time>.`;
    return html`<p class="${state === 'refused' ? 'notice' : 'soft'}" role="${state === 'refused' ? 'alert' : 'status'}">
${advice}${again} What you show from this page works all the same. <span class="soft">(${code})</span></p>`;
  }
  if (state === 'ready' && household === null) {
    return html`<p class="soft">This hub belongs to nobody yet: type the code on the glass into your Inklet account.</p>`;
  }
  return html``;
}

/** Hours and minutes in UTC: the hub does not know where it hangs. */
function clockTime(timestamp: string): string {
  return `${timestamp.slice(11, 16)} UTC`;
}

function card(display: DisplayState): Html {
  const { displayId, name, frameSha256, pendingPresentationId, width, height } = display;
  const glass =
    frameSha256 === null
      ? html`<div class="empty">Nothing shown yet</div>`
      : html`<img src="/api/displays/${displayId}/glass.png?frame=${frameSha256}" width="${width}" height="${height}"
alt="What ${name} shows now">`;
  return html`<article data-display="${displayId}" data-frame="${frameSha256 ?? ''}" aria-labelledby="name-${displayId}">
<figure>
${glass}
<figcaption class="soft">${display.panel}, ${width} × ${height}.
<span data-state role="status">${pendingPresentationId === null ? 'Up to date' : 'Drawing something new'}</span></figcaption>
</figure>
<form method="post" action="/displays/${displayId}/contents" enctype="multipart/form-data">
<h2 id="name-${displayId}">${name}</h2>
<label>Title <input name="title" maxlength="500" autocomplete="off"></label>
<label>Text <textarea name="text" maxlength="20000"></textarea></label>
<label>Alignment <select name="align"><option value="start">start</option>
<option value="centre">centre</option><option value="end">end</option></select></label>
<label>QR code for <input name="qr" maxlength="1000" autocomplete="off" placeholder="https://"></label>
<label>Picture <input type="file" name="picture" accept="image/png,image/jpeg,image/gif,image/webp,image/svg+xml"></label>
<label>Picture size <select name="fit"><option value="fit">show the whole picture</option>
<option value="fill">fill the glass</option></select></label>
<button>Show on ${name}</button>
</form>
</article>`;
}
