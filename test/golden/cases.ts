import { readFileSync } from 'node:fs';
import path from 'node:path';
import type { PageContent, RenderInput, RenderTarget } from '../../render/index.js';
import { everyElement } from './scenes.js';

export type GoldenCase = { name: string; input: RenderInput; target: RenderTarget };

/** Where the golden PNGs and their hashes lie; `npx tsx test/golden/main.ts` writes them anew. */
export const GOLDEN_DIR = path.join(import.meta.dirname, 'render');
/** The same of the screens. */
export const SCREENS_DIR = path.join(import.meta.dirname, 'screens');

const MONO = ['black', 'white'];
const LANDSCAPE = { width: 800, height: 480, inks: MONO };
const PORTRAIT = { width: 480, height: 800, inks: MONO };
const SMALL = { width: 250, height: 122, inks: MONO };
const GREYS = { width: 800, height: 480, inks: ['black', 'dark-grey', 'light-grey', 'white'] };
const SIX_INKS = { width: 800, height: 480, inks: ['black', 'white', 'yellow', 'red', 'blue', 'green'] };

const LIST = 'Milk\nEggs\nBread\nButter, unsalted\nA bag of oranges';
const LETTER =
  'The key lies under the third pot. The cat has had her breakfast, whatever she says. Please water the tomatoes ' +
  'in the evening and not at noon. The neighbour brings the parcel at six.\n\n';

/** A drawn scene with soft shades, edges and colours: light that falls on hills. */
const HILLS = Buffer.from(`<svg xmlns="http://www.w3.org/2000/svg" width="800" height="480">
  <defs><linearGradient id="sky" x1="0" y1="0" x2="0" y2="1"><stop offset="0" stop-color="#2a5b9c"/><stop offset="1" stop-color="#f3d9a4"/></linearGradient>
  <radialGradient id="sun"><stop offset="0" stop-color="#fffbe0"/><stop offset="1" stop-color="#f0a030"/></radialGradient></defs>
  <rect width="800" height="480" fill="url(#sky)"/><circle cx="560" cy="190" r="70" fill="url(#sun)"/>
  <path d="M0 330 Q200 210 400 320 T800 280 V480 H0Z" fill="#48713c"/><path d="M0 400 Q250 310 480 400 T800 380 V480 H0Z" fill="#1f3b22"/>
  <path d="M150 400 v-90 l40 -40 l40 40 v90z" fill="#a8322a"/></svg>`);

export const GOLDEN_CASES: readonly GoldenCase[] = [
  { name: 'message', input: page({ text: 'Bread rises at seven' }), target: LANDSCAPE },
  { name: 'message-small', input: page({ text: 'Bread rises at seven' }), target: SMALL },
  { name: 'message-portrait', input: page({ text: 'Bread rises at seven', align: 'start' }), target: PORTRAIT },
  { name: 'clock', input: page({ text: '12:45' }), target: LANDSCAPE },
  { name: 'list', input: page({ title: 'Shopping', text: LIST, align: 'start' }), target: LANDSCAPE },
  {
    name: 'letter',
    input: page({ title: 'While we are away', text: LETTER.repeat(3), align: 'start' }),
    target: LANDSCAPE,
  },
  { name: 'too-long', input: page({ text: LETTER.repeat(40), align: 'start' }), target: LANDSCAPE },
  {
    name: 'scripts',
    input: page({
      title: '\u05e9\u05dc\u05d5\u05dd \u05e2\u05d5\u05dc\u05dd',
      text: '\u0645\u0631\u062d\u0628\u0627 \u0628\u0627\u0644\u0639\u0627\u0644\u0645 \u{1f600}\n\u039a\u03b1\u03bb\u03b7\u03bc\u03ad\u03c1\u03b1, \u0434\u043e\u0431\u0440\u043e\u0435 \u0443\u0442\u0440\u043e\n\u0928\u092e\u0938\u094d\u0924\u0947 \u2764\ufe0f \u{1f1e9}\u{1f1ea}',
      align: 'start',
    }),
    target: LANDSCAPE,
  },
  {
    name: 'qr',
    input: page({
      title: 'Guest Wi-Fi',
      text: 'Scan to join.',
      qr: 'WIFI:T:WPA;S:Martins;P:correct horse;;',
      align: 'start',
    }),
    target: LANDSCAPE,
  },
  { name: 'picture', input: page({ pictures: [HILLS], fit: 'fill' }), target: LANDSCAPE },
  { name: 'picture-and-words', input: page({ text: 'Sunday in the hills', pictures: [HILLS] }), target: PORTRAIT },
  { name: 'picture-six-inks', input: page({ pictures: [HILLS], fit: 'fill' }), target: SIX_INKS },
  {
    name: 'claim-code',
    input: { kind: 'claim-code', code: 'BCDF-GHJK', url: 'https://inklet.example/claim?code=BCDF-GHJK', word: 'otter' },
    target: LANDSCAPE,
  },
  {
    name: 'identify',
    input: { kind: 'identify', displayName: 'Kitchen', hubName: 'Home hub', panel: '7in5_V2' },
    target: LANDSCAPE,
  },
  { name: 'bound', input: { kind: 'bound', householdName: 'The Martins' }, target: LANDSCAPE },
  { name: 'scene', input: scene('light'), target: LANDSCAPE },
  { name: 'scene-dark', input: scene('dark'), target: LANDSCAPE },
  { name: 'scene-portrait', input: scene('light'), target: PORTRAIT },
  { name: 'scene-greys', input: scene('light'), target: GREYS },
  { name: 'scene-six-inks', input: scene('light'), target: SIX_INKS },
  { name: 'scene-dark-six-inks', input: scene('dark'), target: SIX_INKS },
];

/** The golden frame's SHA-256 by the name of its case. */
export function goldenHashes(dir = GOLDEN_DIR): ReadonlyMap<string, string> {
  const lines = readFileSync(path.join(dir, 'SHA256SUMS'), 'utf8').trim().split('\n');
  return new Map(
    lines.map((line) => {
      const [sha256 = '', name = ''] = line.split('  ');
      return [name, sha256];
    }),
  );
}

function scene(theme: 'light' | 'dark'): RenderInput {
  return { kind: 'scene', scene: everyElement(theme), assets: { picture: HILLS } };
}

function page(content: Partial<PageContent>): RenderInput {
  const empty = { title: null, text: null, align: 'centre', qr: null, fit: 'fit', pictures: [] } as const;
  return { kind: 'page', page: { ...empty, ...content } };
}
