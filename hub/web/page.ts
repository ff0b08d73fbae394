import { adviceFor } from '../api/advice.js';
import type { DisplayView } from '../api/display-view.js';
import type { QueueView } from '../api/queue-view.js';
import type { HubStatus } from '../api/status.js';
import { stepWords } from '../api/step-words.js';
import { type Html, html } from './html.js';
import { queueNotice, queuePanel } from './queue-panel.js';

/** Why the last thing that was asked for on a display is not on it. */
export type LastFailure = { code: string; message: string };

/** What the first page shows. `problem`: why the last form was not taken. */
export type PageView = {
  status: HubStatus;
  queue: QueueView;
  displays: readonly DisplayView[];
  lastFailureOf: (displayId: string) => LastFailure | undefined;
  /** Hours and minutes where the household lives. */
  timeOfDay: (atMs: number) => string;
  problem?: string;
};

/** The household's first page, whole without JavaScript. */
export function page({ status, queue, displays, lastFailureOf, timeOfDay, problem }: PageView): string {
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
<p class="soft" role="status" data-live="link">${linkText(status)}</p>
</header>
<main>
${problem === undefined ? '' : html`<p class="notice" role="alert">${problem}</p>`}
<div data-live="identity">${identityNotice(status, timeOfDay)}${bindNotice(status)}</div>
<div data-live="clone">${cloneNotice(status)}${queueNotice(queue)}</div>
${displays.map((display) => card(display, lastFailureOf(display.displayId), timeOfDay))}
</main>
<footer class="soft">
<details><summary>What the cloud knows</summary>
<div data-live="queue">${queuePanel(queue, timeOfDay)}</div>
</details>
<details><summary>About this hub</summary>
<dl>
<dt>Name</dt><dd>${status.thingName ?? 'none yet'}</dd>
<dt>Hardware</dt><dd>${status.hwId ?? 'not read yet'}</dd>
<dt>Certificate</dt><dd>${certificateText(status)}</dd>
<dt>Version</dt><dd>${status.version}</dd>
<dt>Household</dt><dd><a href="/bind">${status.household?.householdName ?? 'none yet'}</a></dd>
</dl>
</details>
</footer>
</body>
</html>
`.text;
}

function linkText({ link }: HubStatus): string {
  if (link.connected) return 'Connected to the cloud';
  const why = link.problem === null ? '' : ` ${link.problem.advice} (${link.problem.code})`;
  return `Working on its own, without the cloud.${why}`;
}

function cloneNotice({ link }: HubStatus): Html {
  if (!link.cloneSuspected) return html``;
  return html`<p class="notice" role="alert">Another device says that it is this hub, and the cloud hears whoever spoke last.
If the card of this hub was copied, switch the copy off. If it was not, tell whoever gave you the hub.</p>`;
}

function identityNotice({ identity }: HubStatus, timeOfDay: PageView['timeOfDay']): Html {
  const { state, code, advice, step, retryAt } = identity;
  if (code !== null) {
    const again = retryAt === null ? '' : html` It asks again by ${clockTime(retryAt, timeOfDay)}.`;
    return html`<p class="${state === 'refused' ? 'notice' : 'soft'}" role="${state === 'refused' ? 'alert' : 'status'}">
${advice}${again} What you show from this page works all the same. <span class="soft">(${code}${stepWords(step)})</span></p>`;
  }
  return html``;
}

function certificateText({ certificate }: HubStatus): Html {
  if (certificate === null) return html`none yet`;
  const { id, ageDays, stage, lastRotation, lastFailure } = certificate;
  const changed = lastRotation === null ? '' : html`, changed on ${dayOf(lastRotation.at)}`;
  const underWay = stage === null ? '' : html`; the next one is being made (${stage})`;
  const isOver = lastFailure === null || (lastRotation !== null && lastRotation.at > lastFailure.at);
  const failed = isOver
    ? ''
    : html`. A change on ${dayOf(lastFailure.at)} did not work, and the hub stayed with this one: ${adviceFor(lastFailure.code, lastFailure.message)}
<span class="soft">(${lastFailure.step}, ${lastFailure.code})</span>`;
  return html`${id}, ${ageDays} ${ageDays === 1 ? 'day' : 'days'} old${changed}${underWay}${failed}`;
}

function dayOf(at: string): Html {
  return html`<time datetime="${at}">${at.slice(0, 'YYYY-MM-DD'.length)}</time>`;
}

function bindNotice({ identity, household, link }: HubStatus): Html {
  if (household !== null || identity.state === 'local-only') return html``;
  const words = link.connected
    ? html`type the code on the glass into your Inklet account.`
    : html`<a href="/bind">make it yours</a>, also without the cloud.`;
  return html`<p class="soft">This hub belongs to nobody yet: ${words}</p>`;
}

function clockTime(at: string, timeOfDay: PageView['timeOfDay']): Html {
  return html`<time datetime="${at}">${timeOfDay(Date.parse(at))}</time>`;
}

function card(display: DisplayView, failure: LastFailure | undefined, timeOfDay: PageView['timeOfDay']): Html {
  const { displayId, name } = display;
  return html`<article aria-labelledby="name-${displayId}">
<figure data-live="glass-${displayId}">
${glass(display)}
<figcaption class="soft">${display.panel}, ${display.width} × ${display.height}.
<span role="status">${stateText(display, timeOfDay)}</span>
<a href="/" data-reload>Look again</a>
${failure === undefined ? '' : html`<p class="notice" role="alert">The last one is not shown. ${failureText(failure)}</p>`}</figcaption>
</figure>
<form method="post" action="/displays/${displayId}/contents" enctype="multipart/form-data">
<h2 id="name-${displayId}">${name}</h2>
<label>Title <input name="title" maxlength="500" autocomplete="off"></label>
<label>Text <textarea name="text" maxlength="20000"></textarea></label>
<label>Picture <input type="file" name="picture" accept="image/png,image/jpeg,image/gif,image/webp,image/avif,image/tiff,image/svg+xml"></label>
<details><summary>More</summary>
<label>Alignment of the text <select name="align"><option value="start">start</option>
<option value="centre">centre</option><option value="end">end</option></select></label>
<label>QR code for <input name="qr" maxlength="1000" autocomplete="off" placeholder="https://"></label>
<label>Size of the picture <select name="fit"><option value="fit">show the whole picture</option>
<option value="fill">fill the glass</option></select></label>
</details>
<button>Show on ${name}</button>
</form>
</article>`;
}

function glass({ displayId, name, frameSha256, pendingPresentationId, width, height }: DisplayView): Html {
  if (frameSha256 === null) {
    return html`<div class="empty">${pendingPresentationId === null ? 'Nothing shown yet' : 'One moment'}</div>`;
  }
  return html`<img src="/api/displays/${displayId}/glass.png?frame=${frameSha256}" width="${width}" height="${height}"
alt="What ${name} shows now">`;
}

function stateText({ pendingPresentationId, heldBack }: DisplayView, timeOfDay: PageView['timeOfDay']): Html {
  if (heldBack?.why === 'too-soon') {
    const from = heldBack.until === null ? '' : html` from ${clockTime(heldBack.until, timeOfDay)} on`;
    return html`Something waits to be drawn. This glass rests for a while after each picture, and draws it${from}.`;
  }
  if (heldBack !== null) {
    const felt = heldBack.why === 'too-cold' ? 'cold' : 'hot';
    return html`Something waits to be drawn. It is too ${felt} for this glass, which draws it as soon as it may.`;
  }
  return html`${pendingPresentationId === null ? 'Up to date' : 'Drawing something new'}`;
}

const FAILURES: Readonly<Record<string, string>> = {
  'render.nothing-to-show': 'There is nothing in it that the hub has letters for.',
  'render.qr-too-long': 'The text for the QR code is too long.',
  'render.picture-unknown-format': 'The picture is of no kind that the hub knows.',
  'render.picture-too-many-bytes': 'The picture is too large.',
  'render.picture-too-many-pixels': 'The picture is too large.',
  'render.picture-broken': 'The picture is damaged.',
  'asset.refused': 'The cloud does not give the picture to this hub.',
  'asset.too-large': 'The picture is too large.',
  'asset.damaged': 'The picture came damaged.',
  'epd.busy-timeout': 'The panel does not answer. Is its cable plugged in?',
  'epd.no-answer': 'The panel does not answer. Is its cable plugged in?',
};

function failureText({ code, message }: LastFailure): string {
  return `${FAILURES[code] ?? message} (${code})`;
}
