import { failedTransfer, type PcscFailure } from './failure.js';
import { type News, NewsSchema, type Question, QuestionSchema } from './messages.js';
import { Slot } from './slot.js';

// The process in which nfc-pcsc may hang: whoever started it watches it and ends it.
/** The binding names the readers from a thread of its own, and says nothing where there are none. */
const FIRST_READER_LIMIT_MS = 500;

const slots = new Map<string, Slot>();

process.once('disconnect', leave);
process.on('message', (message) => void answer(QuestionSchema.parse(message)));
await listen();

async function listen(): Promise<void> {
  const nfcPcsc = await import('nfc-pcsc').catch((error: unknown) => {
    end({ code: 'nfc.not-installed', message: `nfc-pcsc cannot be loaded: ${String(error)}` });
  });
  if (nfcPcsc === undefined) return;
  const nfc = new nfcPcsc.NFC();
  nfc.on('error', endAfter);
  const anyReader = new Promise<void>((resolve) => {
    nfc.once('reader', () => resolve());
    setTimeout(resolve, FIRST_READER_LIMIT_MS);
  });
  nfc.on('reader', (reader) => {
    slots.set(reader.name, new Slot(reader));
    reader.on('end', () => slots.delete(reader.name));
    // Its status is no longer watched: only a new context brings it back.
    reader.on('error', endAfter);
  });
  await anyReader;
  say({ kind: 'ready' });
}

async function answer(question: Question): Promise<void> {
  const { id } = question;
  if (question.op === 'list') {
    const readers = await Promise.all([...slots.values()].map((slot) => slot.listed()));
    say({ kind: 'list', id, readers });
    return;
  }
  const slot = slots.get(question.reader);
  const answered =
    slot === undefined
      ? ({ code: 'nfc.no-reader', message: `the reader ${question.reader} is gone` } as const)
      : await slot.transmit(Buffer.from(question.apdu, 'hex'), question.tag);
  if ('code' in answered) say({ kind: 'failed', id, ...answered });
  else say({ kind: 'answer', id, apdu: Buffer.from(answered).toString('hex') });
}

function endAfter(error: unknown): void {
  const failure = failedTransfer(error);
  if (typeof failure === 'object') end(failure);
  else end({ code: 'nfc.reader-failed', message: String(error) });
}

function end(failure: PcscFailure): void {
  say({ kind: 'ending', ...failure }, leave);
}

function say(news: News, then: () => void = () => undefined): void {
  if (process.connected) process.send?.(NewsSchema.parse(news), then);
}

/** The binding's threads wait for pcscd, and would keep a process alive that nobody asks any more. */
function leave(): void {
  process.exit();
}
