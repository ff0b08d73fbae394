import type { BindingView } from '../binding/binding-side.js';
import type { AskedClaim } from '../binding/local-claims.js';
import { type Html, html } from './html.js';

/** What a person typed before, and why it was not taken. */
export type BindForm = { code?: string | undefined; householdName?: string | undefined; problem?: string | undefined };

/** Whose hub it is, and how it becomes somebody's; whole without JavaScript. */
export function bindPage(view: BindingView, form: BindForm = {}): string {
  if (view.householdName !== undefined) return ownedPage(view, view.householdName, form);
  if (!view.isCloudAway) {
    return sheet(
      'Make this hub yours',
      html`${notice(form.problem)}
<p>The cloud is there: scan the code on the glass with your phone, or type it into your Inklet account.</p>`,
    );
  }
  return sheet(
    'Make this hub yours',
    html`${notice(form.problem)}
<p>The cloud is away, and you can begin all the same. Your account takes the hub up later.</p>
<form method="post" action="/bind/claims">
<label>Code on the glass <input class="code" name="code" required maxlength="32" autocomplete="off"
autocapitalize="characters" spellcheck="false" placeholder="XXXX-XXXX" value="${form.code ?? ''}"></label>
<label>Name of your household <input name="householdName" required maxlength="100" autocomplete="off"
placeholder="The Larks" value="${form.householdName ?? ''}"></label>
<button>Go on</button>
</form>
${codeButton('No code on the glass, or an old one?')}`,
  );
}

/** Is it the glass before you? */
export function comparePage({ claimId, householdName, word }: AskedClaim): string {
  return sheet(
    'Is it this one?',
    html`<p>The glass before you must show this word, and the name ${householdName}:</p>
<p class="word">${word}</p>
<form method="post" action="/bind/confirm"><input type="hidden" name="claimId" value="${claimId}">
<button>Same word: it is ours</button></form>
<form method="post" action="/bind/decline"><input type="hidden" name="claimId" value="${claimId}">
<button class="quiet">No, another word or none</button></form>`,
  );
}

/** The hub is theirs; the receipt stands here and nowhere else. */
export function donePage(householdName: string, receiptUrl: string | undefined): string {
  const later =
    receiptUrl === undefined
      ? html``
      : html`<h2>Keep this receipt</h2>
<p>By it your Inklet account takes the hub up when the cloud is back. It is shown only now: keep the link as a bookmark,
or send it to yourself.</p>
<p><a class="receipt" href="${receiptUrl}" rel="noreferrer">${receiptUrl}</a></p>
<p class="soft">Whoever has it can take the hub into an account, so show it to nobody else.</p>`;
  return sheet('It is home', html`<p>This hub belongs to ${householdName} now. The glass says so too.</p>${later}`);
}

function ownedPage({ isLocal }: BindingView, householdName: string, form: BindForm): string {
  if (!isLocal) {
    const words = html`${notice(form.problem)}<p>It belongs to ${householdName}. Let it go or hand it on in your Inklet account.</p>`;
    return sheet('This hub has a home', words);
  }
  return sheet(
    'This hub has a home',
    html`${notice(form.problem)}
<p>It belongs to ${householdName}, and no account has it yet: the receipt link from the day it was bound does that.</p>
<details><summary>Let it go</summary>
<p>Everything that it shows is taken off it. Whoever stands before the glass may do so.</p>
${codeButton('First, let the glass show a code.')}
<form method="post" action="/bind/leave">
<label>Code on the glass <input class="code" name="code" required maxlength="32" autocomplete="off"
autocapitalize="characters" spellcheck="false" placeholder="XXXX-XXXX" value="${form.code ?? ''}"></label>
<button>Take everything off, and let it go</button>
</form></details>`,
  );
}

function codeButton(why: string): Html {
  return html`<form method="post" action="/bind/code"><p class="soft">${why}</p>
<button class="quiet">Show a code on the glass</button></form>`;
}

function notice(problem: string | undefined): Html {
  return problem === undefined ? html`` : html`<p class="notice" role="alert">${problem}</p>`;
}

function sheet(title: string, body: Html): string {
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title} · Inklet</title>
<link rel="stylesheet" href="/style.css">
</head>
<body>
<header><h1>${title}</h1><p class="soft"><a href="/">To the glass</a></p></header>
<main><section class="card">${body}</section></main>
</body>
</html>
`.text;
}
