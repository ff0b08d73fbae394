import { createHash } from 'node:crypto';
import { BIND_SCRIPT } from './bind-script.js';
import { BIND_STYLE } from './bind-style.js';

/** Only what stands in the page itself runs or paints, and it speaks with its own host alone. */
export const BIND_POLICY = [
  "default-src 'none'",
  `script-src '${hashOf(BIND_SCRIPT)}'`,
  `style-src '${hashOf(BIND_STYLE)}'`,
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

/** What opens behind the QR code on the glass: who you are, which hub it is, is it really the one before you. */
export const BIND_PAGE = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Bring your hub home · Inklet</title>
<style>${BIND_STYLE}</style>
</head>
<body>
<header><p>Inklet</p><div id="problem" role="alert"></div></header>
<main>
<noscript><section><h1>This page needs JavaScript</h1>
<p>Switch it on for this page, or open the link on another device.</p></section></noscript>

<section id="who" aria-labelledby="who-title" hidden>
<h1 id="who-title" tabindex="-1">Bring your hub home</h1>
<p class="soft">Who shall the hub belong to?</p>
<form>
<fieldset><legend>Your account</legend>
<label class="choice"><input type="radio" name="way" value="sign-up" checked> I am new</label>
<label class="choice"><input type="radio" name="way" value="log-in"> I have one</label></fieldset>
<label>E-mail address <input name="email" type="email" autocomplete="email" required maxlength="254"></label>
<label>Password <small data-new>at least ten characters</small>
<input name="password" type="password" autocomplete="new-password" required minlength="10" maxlength="256"></label>
<label data-new>Name of your household <input name="householdName" required maxlength="100" autocomplete="off"
placeholder="The Larks"></label>
<button>Go on</button>
</form>
</section>

<section id="code" aria-labelledby="code-title" hidden>
<h1 id="code-title" tabindex="-1">What does the glass say?</h1>
<p class="soft" data-hint>Eight letters stand on it. A code is good for ten minutes, then the glass shows a new one.</p>
<form>
<label>Code on the glass <input class="code" name="code" required maxlength="32" autocomplete="off" autocapitalize="characters"
autocorrect="off" spellcheck="false" placeholder="XXXX-XXXX"></label>
<button>Find the hub</button>
</form>
</section>

<section id="compare" aria-labelledby="compare-title" hidden>
<h1 id="compare-title" tabindex="-1">Is it this one?</h1>
<p>The glass before you must show the same word. It also says who asks, <strong data-asks></strong>, as soon as it can draw:</p>
<p class="word" data-word></p>
<dl><dt>Model</dt><dd data-model></dd><dt>Hardware id ends with</dt><dd data-last-four></dd></dl>
<div class="buttons">
<button data-yes>Same word: it is mine</button>
<button class="quiet" data-no>No, another word or none</button>
</div>
</section>

<section id="receipt" aria-labelledby="receipt-title" hidden>
<h1 id="receipt-title" tabindex="-1">Take your hub into your account</h1>
<p>You have made this hub yours at home. Your account takes it up as soon as the hub has told of it.</p>
<div class="buttons"><button data-again>Try once more</button></div>
</section>

<section id="done" aria-labelledby="done-title" hidden>
<h1 id="done-title" tabindex="-1">It is home</h1>
<p data-told></p>
<ul data-displays></ul>
<p class="soft">The glass says so too in a moment. You can close this page.</p>
</section>
</main>
<script>${BIND_SCRIPT}</script>
</body>
</html>
`;

function hashOf(text: string): string {
  return `sha256-${createHash('sha256').update(text).digest('base64')}`;
}
