/** The look of the binding page: paper and ink, large enough for a thumb, readable in any light. */
export const BIND_STYLE = `
:root { color-scheme: light dark; --ink: #1d1d1b; --soft: #5d5b54; --paper: #f6f3ea; --card: #fffdf6; --line: #d9d4c3;
  --accent: #7a2e1d; --on-accent: #fffdf6; --bad: #9b1c1c; }
@media (prefers-color-scheme: dark) { :root { --ink: #eeeae0; --soft: #b0ab9d; --paper: #191815; --card: #23211d;
  --line: #403c34; --accent: #e8a48f; --on-accent: #23211d; --bad: #f2a1a1; } }
* { box-sizing: border-box; }
[hidden] { display: none !important; }
body { margin: 0; min-height: 100vh; background: var(--paper); color: var(--ink); font: 1.0625rem/1.55 system-ui, sans-serif; }
header, main { width: 100%; max-width: 30rem; margin: 0 auto; padding: 0 1.25rem; }
header { padding-top: 2rem; }
header p { margin: 0; font: 600 1.1rem/1 Georgia, serif; letter-spacing: .04em; color: var(--soft); }
section { background: var(--card); border: 1px solid var(--line); border-radius: .9rem; padding: 1.5rem 1.25rem; margin: 1rem 0 2rem; }
h1 { font: 600 1.75rem/1.2 Georgia, serif; margin: 0 0 .5rem; }
h1:focus { outline: none; }
p { margin: .35rem 0 1rem; }
.soft { color: var(--soft); }
form { display: grid; gap: 1rem; }
label { display: grid; gap: .3rem; font-weight: 600; }
label small { font-weight: 400; color: var(--soft); }
input { font: inherit; font-weight: 400; color: inherit; background: var(--paper); border: 1px solid var(--soft); border-radius: .5rem;
  padding: .7rem .8rem; width: 100%; }
fieldset { border: 0; margin: 0; padding: 0; display: grid; grid-template-columns: 1fr 1fr; gap: .5rem; }
legend { padding: 0; margin-bottom: .3rem; font-weight: 600; }
.choice { display: flex; gap: .55rem; align-items: center; font-weight: 400; border: 1px solid var(--line); border-radius: .5rem;
  padding: .7rem .8rem; cursor: pointer; }
.choice input { width: auto; accent-color: var(--accent); }
.choice:has(:checked) { border-color: var(--accent); font-weight: 600; }
.code { font: 600 1.5rem/1.3 ui-monospace, monospace; letter-spacing: .08em; text-transform: uppercase; text-align: center; }
button { font: inherit; font-weight: 600; min-height: 3rem; padding: .7rem 1.2rem; border-radius: .5rem; cursor: pointer;
  color: var(--on-accent); background: var(--accent); border: 1px solid var(--accent); }
button.quiet { color: var(--accent); background: transparent; }
button:disabled { opacity: .55; cursor: progress; }
.buttons { display: grid; gap: .75rem; }
:focus-visible { outline: 3px solid var(--accent); outline-offset: 2px; }
.word { font: 600 2.2rem/1.2 Georgia, serif; text-align: center; padding: 1.1rem .5rem; margin: .5rem 0 1rem; overflow-wrap: anywhere;
  border: 1px dashed var(--soft); border-radius: .6rem; background: var(--paper); }
dl { display: grid; grid-template-columns: minmax(0, auto) minmax(6rem, 1fr); gap: .3rem 1rem; margin: 0 0 1rem; }
dt { color: var(--soft); } dd { margin: 0; font-weight: 600; overflow-wrap: anywhere; }
ul { list-style: none; margin: 0 0 1rem; padding: 0; }
li { padding: .6rem 0; border-bottom: 1px solid var(--line); }
li:last-child { border-bottom: 0; }
.notice { border-left: .3rem solid var(--bad); padding: .6rem .9rem; margin: 1rem 0 0; background: var(--card); }
`;
