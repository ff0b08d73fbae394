/** One line of iCalendar text, unfolded: RFC 5545 section 3.1. Names are in capitals. */
export type ContentLine = { name: string; params: ReadonlyMap<string, string>; value: string };

/** Longer ones are attachments and mail threads, of which nothing is shown. */
const MOST_LINE_LETTERS = 20_000;
const NAME = /^[A-Za-z0-9-]+/;
const PARAMETER = /;([A-Za-z0-9-]+)=("[^"]*"|[^";:,]*)(?:,(?:"[^"]*"|[^";:,]*))*/y;

/** Every line of the text in turn; `undefined` stands for one that cannot be read. */
export function* contentLines(text: string): Generator<ContentLine | undefined> {
  for (const line of unfolded(text)) {
    if (line.trim() !== '') yield line.length > MOST_LINE_LETTERS ? undefined : parse(line);
  }
}

/** A text value without its escapes: RFC 5545 section 3.3.11. */
export function plainText(value: string): string {
  return value.replace(/\\([\\;,nN])/g, (_, letter: string) => (letter.toLowerCase() === 'n' ? '\n' : letter));
}

function* unfolded(text: string): Generator<string> {
  let line = '';
  let at = text.startsWith('\ufeff') ? 1 : 0;
  while (at < text.length) {
    const end = endOfLine(text, at);
    const first = text[at];
    if (first === ' ' || first === '\t') {
      if (line.length <= MOST_LINE_LETTERS) line += text.slice(at + 1, end);
    } else {
      yield line;
      line = text.slice(at, end);
    }
    at = end + (text.startsWith('\r\n', end) ? 2 : 1);
  }
  yield line;
}

function endOfLine(text: string, from: number): number {
  const feed = text.indexOf('\n', from);
  const end = feed < 0 ? text.length : feed;
  return text[end - 1] === '\r' && end > from ? end - 1 : end;
}

function parse(line: string): ContentLine | undefined {
  const name = NAME.exec(line)?.[0];
  if (name === undefined) return undefined;
  const params = new Map<string, string>();
  let at = name.length;
  PARAMETER.lastIndex = at;
  for (let match = PARAMETER.exec(line); match !== null; match = PARAMETER.exec(line)) {
    at = PARAMETER.lastIndex;
    params.set((match[1] ?? '').toUpperCase(), (match[2] ?? '').replaceAll('"', ''));
  }
  if (line[at] !== ':') return undefined;
  return { name: name.toUpperCase(), params, value: line.slice(at + 1) };
}
