import type { Place } from './places.js';

export type Picture = {
  screen: string;
  place: Place;
  theme: 'light' | 'dark';
  /** Its name beside the page. */
  file: string;
  warnings: number;
};

type Section = { name: string; shows: string };

/** Pixels of the page at which the longer side of a panel is shown at most; small ones are shown as they are. */
const MOST_SIDE_PX = 420;

const STYLE = `
  :root { color-scheme: light; --paper: #f4f2ee; --ink: #1c1b19; --soft: #6d6a63; }
  * { box-sizing: border-box; }
  body { margin: 0; background: var(--paper); color: var(--ink); font: 16px/1.5 system-ui, sans-serif; }
  header, main { max-width: 1400px; margin: 0 auto; padding: 24px; }
  h1 { font-size: 28px; margin: 0 0 4px; }
  nav { display: flex; flex-wrap: wrap; gap: 4px 14px; margin-top: 12px; }
  a { color: inherit; }
  section { padding-top: 28px; }
  h2 { font-size: 20px; margin: 0; }
  p { margin: 0 0 14px; color: var(--soft); }
  .wall { display: flex; flex-wrap: wrap; gap: 22px; align-items: flex-end; }
  figure { margin: 0; }
  figure img { display: block; border: 8px solid #fff; box-shadow: 0 1px 6px rgb(0 0 0 / 30%); max-width: 100%; height: auto; }
  figure.dark img { border-color: #2b2a28; }
  figcaption { font-size: 12px; color: var(--soft); margin-top: 4px; }
  fieldset { border: 0; padding: 0; margin: 10px 0 0; display: flex; gap: 16px; }
  body:has(#light:checked) figure.dark, body:has(#dark:checked) figure.light { display: none; }`;

/** A page that needs nothing but the pictures beside it. */
export function galleryPage(sections: readonly Section[], pictures: readonly Picture[]): string {
  const links = sections.map(({ name }) => `<a href="#${name}">${name}</a>`).join('\n      ');
  const walls = sections.map((section) =>
    wall(
      section,
      pictures.filter(({ screen }) => screen === section.name),
    ),
  );
  return `<!doctype html>
<html lang="en">
<head>
  <meta charset="utf-8">
  <meta name="viewport" content="width=device-width, initial-scale=1">
  <title>Inklet: the gallery</title>
  <style>${STYLE}
  </style>
</head>
<body>
  <header>
    <h1>Every screen on every panel</h1>
    <p>${sections.length} screens, ${pictures.length} frames, each pixel as it goes to the glass.</p>
    <fieldset>
      <label><input type="radio" name="theme" id="both" checked> light and dark</label>
      <label><input type="radio" name="theme" id="light"> light</label>
      <label><input type="radio" name="theme" id="dark"> dark</label>
    </fieldset>
    <nav>
      ${links}
    </nav>
  </header>
  <main>
${walls.join('\n')}
  </main>
</body>
</html>
`;
}

function wall({ name, shows }: Section, pictures: readonly Picture[]): string {
  return `    <section id="${name}">
      <h2>${name}</h2>
      <p>${escaped(shows)}</p>
      <div class="wall">
${pictures.map((picture) => frame(picture)).join('\n')}
      </div>
    </section>`;
}

function frame({ screen, place, theme, file, warnings }: Picture): string {
  const { panel, width, height, inks } = place;
  const scale = Math.min(1, MOST_SIDE_PX / Math.max(width, height));
  const size = `width="${Math.round(width * scale)}" height="${Math.round(height * scale)}"`;
  const told = warnings === 0 ? '' : ` · ${warnings} warning${warnings === 1 ? '' : 's'}`;
  const alt = `${screen} on ${panel}, ${theme}`;
  return `        <figure class="${theme}"><a href="${file}"><img src="${file}" alt="${alt}" loading="lazy" ${size}></a><figcaption>${panel}, ${width} x ${height}, ${inks.length} inks${told}</figcaption></figure>`;
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
