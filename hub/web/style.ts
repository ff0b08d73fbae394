/** The look of the household's page: quiet as paper, readable in any light. */
export const STYLE = `
:root { color-scheme: light dark; --ink: #1d1d1b; --soft: #5d5b54; --paper: #f6f3ea; --card: #fffdf6; --line: #d9d4c3;
  --accent: #7a2e1d; --good: #2f6b3a; --bad: #9b1c1c; }
@media (prefers-color-scheme: dark) { :root { --ink: #eeeae0; --soft: #b0ab9d; --paper: #191815; --card: #23211d;
  --line: #403c34; --accent: #e8a48f; --good: #93c99c; --bad: #f2a1a1; } }
* { box-sizing: border-box; }
body { margin: 0; background: var(--paper); color: var(--ink); font: 1.05rem/1.55 system-ui, sans-serif; }
header, main, footer { max-width: 62rem; margin: 0 auto; padding: 1rem 1.25rem; }
header { display: flex; flex-wrap: wrap; gap: .25rem 1.5rem; align-items: baseline; padding-top: 2rem; }
h1 { font: 600 2rem/1.2 Georgia, serif; margin: 0; letter-spacing: .01em; }
h2 { font: 600 1.35rem/1.3 Georgia, serif; margin: 0 0 .75rem; }
p { margin: .35rem 0; }
.soft { color: var(--soft); }
.good { color: var(--good); } .bad { color: var(--bad); }
article { background: var(--card); border: 1px solid var(--line); border-radius: .75rem; padding: 1.25rem;
  margin: 1rem 0; display: grid; gap: 1.25rem; }
@media (min-width: 50rem) { article { grid-template-columns: 3fr 2fr; } }
figure { margin: 0; }
figure img, .empty { display: block; width: 100%; height: auto; border: .5rem solid #2a2926; border-radius: .35rem;
  background: #e8e6df; image-rendering: auto; }
.empty { aspect-ratio: 5 / 3; display: grid; place-items: center; color: #4a4842; }
figcaption { margin-top: .5rem; }
form { display: grid; gap: .75rem; align-content: start; }
label { display: grid; gap: .25rem; font-weight: 600; }
input, textarea, select { font: inherit; font-weight: 400; color: inherit; background: var(--paper); border: 1px solid var(--soft);
  border-radius: .4rem; padding: .5rem .6rem; width: 100%; }
textarea { min-height: 7rem; resize: vertical; }
button { font: inherit; font-weight: 600; color: var(--card); background: var(--accent); border: 0;
  border-radius: .4rem; padding: .65rem 1.2rem; cursor: pointer; }
:focus-visible { outline: 3px solid var(--accent); outline-offset: 2px; }
a { color: var(--accent); }
summary { cursor: pointer; }
form details { display: grid; }
form details label { margin-top: .75rem; }
.notice { color: var(--ink); border-left: .3rem solid var(--bad); padding: .5rem .9rem; background: var(--card); }
dl { display: grid; grid-template-columns: auto 1fr; gap: .25rem 1rem; margin: 0; }
dt { color: var(--soft); } dd { margin: 0; }
.live [data-reload] { display: none; }
.card { background: var(--card); border: 1px solid var(--line); border-radius: .75rem; padding: 1.25rem; max-width: 34rem; }
.card form { margin: 1rem 0 0; }
.card details { margin-top: 1rem; }
button.quiet { color: var(--accent); background: transparent; border: 1px solid var(--accent); }
input.code { font: 600 1.4rem/1.4 ui-monospace, monospace; letter-spacing: .08em; text-transform: uppercase; }
.word { font: 600 2.2rem/1.2 Georgia, serif; text-align: center; padding: 1.1rem .5rem; overflow-wrap: anywhere;
  border: 1px dashed var(--soft); border-radius: .6rem; background: var(--paper); }
.receipt { overflow-wrap: anywhere; }
.visually-hidden { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
`;
