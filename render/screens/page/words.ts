import { RenderError } from '../../errors.js';
import type { Box } from '../../frame/box.js';
import type { Align } from '../../input.js';
import { type Letters, setLetters } from '../../scene/letters.js';
import { SCENE_LIMITS } from '../../scene/values.js';
import type { Placed } from './placed.js';

/** Title and text as `cleanText` leaves them; empty means there is none. */
export type Words = { title: string; text: string; align: Align };

/** What the largest letters take of the height of their box, so that two lines of them stand comfortably. */
const LARGEST_OF_HEIGHT = 0.3;
/** A time, a number, a greeting: one line that may fill the sheet. */
const ONE_WORD_LETTERS = 8;
const LARGEST_WORD_OF_HEIGHT = 0.5;
const TITLE_OF_HEIGHT = 0.4;
const TITLE_LETTERS_OF_HEIGHT = 0.16;
const TEXT_OF_TITLE = 0.75;
const GAP_OF_TITLE = 0.55;

/** A title further than this above its text looks like a shout. */
const MOST_TITLE_OF_TEXT = 2.2;
/** The eye takes a stack for centred when it stands a little above the middle. */
const OPTICAL_MIDDLE = 0.48;

/** Words that are set: how large they came out in the room that they were given. */
type Block = { text: string; bold: boolean; minPx: number; roomPx: number; set: Letters };

/**
 * Places the title and the text as large as the box allows, the text never larger than the title.
 * @throws `render.nothing-to-show` when no character has a glyph
 */
export async function placeWords(box: Box, words: Words, minPx: number): Promise<Placed[]> {
  const { title, text, align } = words;
  if (title === '' || text === '') {
    const only = title === '' ? text : title;
    const share = only.length <= ONE_WORD_LETTERS ? LARGEST_WORD_OF_HEIGHT : LARGEST_OF_HEIGHT;
    const maxPx = Math.max(minPx, Math.floor(box.height * share));
    return stack(box, [await setBlock(only, box, { minPx, maxPx, bold: title !== '', align })], 0, align);
  }
  const titlePx = Math.max(minPx, Math.floor(box.height * TITLE_LETTERS_OF_HEIGHT));
  let both = await titleAndText(box, words, minPx, titlePx);
  const calmPx = Math.round(both.below.set.sizePx * MOST_TITLE_OF_TEXT);
  if (both.above.set.sizePx > calmPx) both = await titleAndText(box, words, minPx, calmPx);
  return stack(box, [both.above, both.below], both.gapPx, align);
}

async function titleAndText({ width, height }: Box, { title, text, align }: Words, minPx: number, maxPx: number) {
  const titleRoom = { width, height: Math.floor(height * TITLE_OF_HEIGHT) };
  const above = await setBlock(title, titleRoom, { minPx, maxPx, bold: true, align });
  const gapPx = Math.round(above.set.sizePx * GAP_OF_TITLE);
  const textRoom = { width, height: height - above.set.height - gapPx };
  const mostPx = Math.max(minPx, Math.round(above.set.sizePx * TEXT_OF_TITLE));
  const below = await setBlock(text, textRoom, { minPx, maxPx: mostPx, bold: false, align });
  return { above, below, gapPx };
}

async function setBlock(
  words: string,
  room: { width: number; height: number },
  { minPx, maxPx, bold, align }: { minPx: number; maxPx: number; bold: boolean; align: Align },
): Promise<Block> {
  const text = words.slice(0, SCENE_LIMITS.letters);
  const set = await setLetters({ ...room, text, size: { minPx, maxPx }, bold, align });
  return { text, bold, minPx, roomPx: room.height, set };
}

/** Blocks one above the other in the optical middle of the box. */
function stack(box: Box, blocks: readonly Block[], gapPx: number, align: Align): Placed[] {
  if (blocks.every(({ set }) => set.width === 0)) {
    throw new RenderError('render.nothing-to-show', 'no character of the text has a glyph');
  }
  const heightPx = blocks.reduce((sum, { set }) => sum + set.height, gapPx * (blocks.length - 1));
  let top = box.y + Math.max(0, Math.round((box.height - heightPx) * OPTICAL_MIDDLE));
  return blocks.map(({ text, bold, minPx, roomPx, set }) => {
    const size = set.cut ? minPx : { min: set.sizePx, max: set.sizePx };
    // As near to the room in which it was set as the box allows, so that it breaks and ends alike.
    const place = { x: box.x, y: top, width: box.width, height: Math.min(roomPx, box.y + box.height - top) };
    top += set.height + gapPx;
    return { box: place, node: { type: 'text' as const, text, size, bold, align } };
  });
}
