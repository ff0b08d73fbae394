/** UAX 9: what opens an embedding, an override or an isolate, and what closes it. */
const EMBEDDINGS = '\u202a\u202b\u202d\u202e';
const POP_EMBEDDING = '\u202c';
const ISOLATES = '\u2066\u2067\u2068';
const POP_ISOLATE = '\u2069';
/** UAX 9, rule BD2. */
const MOST_LEVELS = 125;

const CONTROL = /[\u202a-\u202e\u2066-\u2069]/g;
const STRONG = /[\u200e\u200f\u061c]|\p{L}/gu;
const RIGHT_TO_LEFT =
  /\u200f|\u061c|\p{Script=Hebrew}|\p{Script=Arabic}|\p{Script=Syriac}|\p{Script=Thaana}|\p{Script=Nko}|\p{Script=Adlam}/u;
const ARABIC = /\u061c|\p{Script=Arabic}|\p{Script=Syriac}|\p{Script=Thaana}/u;
const LEFT_TO_RIGHT_MARK = '\u200e';
const RIGHT_TO_LEFT_MARK = '\u200f';
const ARABIC_LETTER_MARK = '\u061c';

/** Whether the first letter with a direction is one of a script that runs from right to left. */
export function startsRightToLeft(text: string): boolean {
  STRONG.lastIndex = 0;
  const first = STRONG.exec(text)?.[0];
  return first !== undefined && RIGHT_TO_LEFT.test(first);
}

/** The text with nothing closed that was not opened, and nothing left open but `rest`, as the characters that close it. */
export function closeDirections(text: string): string {
  if (text.search(CONTROL) < 0) return text;
  const open: string[] = [];
  const kept = text.replace(CONTROL, (control) => (follow(open, control) ? control : ''));
  const closing = open.reverse().map((control) => (ISOLATES.includes(control) ? POP_ISOLATE : POP_EMBEDDING));
  return kept + closing.join('');
}

/**
 * What a line that follows `before` in the same paragraph begins with, so that it is ordered as in one piece: the
 * controls that are still open, and the direction of the last letter.
 */
export function carryDirections(before: string): string {
  if (before === '') return '';
  const open: string[] = [];
  for (const [control] of before.matchAll(CONTROL)) follow(open, control);
  const last = before.match(STRONG)?.at(-1);
  return open.join('') + (last === undefined ? '' : markOf(last));
}

/** Whether the control means anything here; `open` is kept up to date. */
function follow(open: string[], control: string): boolean {
  if (EMBEDDINGS.includes(control) || ISOLATES.includes(control)) {
    if (open.length >= MOST_LEVELS) return false;
    open.push(control);
    return true;
  }
  if (control === POP_ISOLATE) {
    const at = open.findLastIndex((opened) => ISOLATES.includes(opened));
    if (at < 0) return false;
    open.length = at;
    return true;
  }
  const last = open.at(-1);
  if (last === undefined || !EMBEDDINGS.includes(last)) return false;
  open.pop();
  return true;
}

function markOf(letter: string): string {
  if (ARABIC.test(letter)) return ARABIC_LETTER_MARK;
  return RIGHT_TO_LEFT.test(letter) ? RIGHT_TO_LEFT_MARK : LEFT_TO_RIGHT_MARK;
}
