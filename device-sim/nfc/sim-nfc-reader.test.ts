import { expect, test } from 'vitest';
import { Ntag21x } from './ntag21x.js';
import { SimNfcReader } from './sim-nfc-reader.js';

const bytes = (hex: string) => Uint8Array.from(Buffer.from(hex.replaceAll(' ', ''), 'hex'));

const readerTest = test
  .extend('tag', () => new Ntag21x({ uid: bytes('04de5f1eacc040') }))
  .extend('reader', ({ tag }) => {
    const reader = new SimNfcReader();
    reader.place(tag);
    return reader;
  });

async function ask(reader: SimNfcReader, apdu: string): Promise<string> {
  return Buffer.from(await reader.transmit(bytes(apdu))).toString('hex');
}

readerTest('a tag on the reader is a storage card', async ({ reader }) => {
  const atr = await reader.atr();
  expect(Buffer.from(atr ?? []).toString('hex')).toBe('3b8f8001804f0ca0000003060300030000000068');
});

readerTest.for([
  ['the UID', 'ffca000000', '04de5f1eacc0409000'],
  ['the ATS, which a storage card has not', 'ffca010000', '6a81'],
  ['one page', 'ffb0000304', 'e11012009000'],
  ['four pages', 'ffb0000310', 'e11012000103a00c340300fe000000009000'],
  ['too many bytes', 'ffb0000311', '6700'],
  ['no bytes', 'ffb0000300', '6700'],
  ['a page that is not there', 'ffb0002d04', '6300'],
  ['a write of a page', 'ffd600040401020304', '9000'],
  ['a write of the UID', 'ffd600000401020304', '6300'],
  ['a write of three bytes', 'ffd6000403010203', '6700'],
  ['a key of MIFARE Classic', 'ff82000006ffffffffffff', '6a81'],
  ['an APDU for a smart card', '00a4040000', '6a81'],
  ['half an APDU', 'ffb0', '6700'],
  ['GET_VERSION by direct transmit', 'ff00000003d44260', 'd543000004040201000f039000'],
  ['a WRITE by direct transmit', 'ff00000008d442a20401020304', 'd543009000'],
  ['a refused WRITE by direct transmit, which the status word hides', 'ff00000008d442a20001020304', 'd543019000'],
  ['a command of the PN532 itself', 'ff00000003d40200', '6a81'],
])('it answers %s', async ([, apdu = '', answer], { reader }) => {
  expect(await ask(reader, apdu)).toBe(answer);
});

readerTest('without a tag there is no ATR and no answer', async ({ reader }) => {
  reader.remove();
  expect(await reader.atr()).toBeUndefined();
  expect(await ask(reader, 'ffca000000')).toBe('');
});

readerTest('a tag that is lifted during a write leaves no answer', async ({ reader, tag }) => {
  tag.departLater({ how: 'lifted', afterWrites: 0 });
  expect(await ask(reader, 'ffd600040401020304')).toBe('');
  expect(await reader.atr()).toBeUndefined();
});

readerTest('a sticky refusal fails everything until the tag is put down again', async ({ reader, tag }) => {
  reader.faults.stickyNak = true;
  expect(await ask(reader, 'ffb0002d04')).toBe('6300');
  expect(await ask(reader, 'ffca000000')).toBe('6300');
  reader.place(tag);
  expect(await ask(reader, 'ffca000000')).toBe('04de5f1eacc0409000');
});

readerTest('a tag in place of the one that was asked for does not answer for it', async ({ reader }) => {
  await reader.atr();
  reader.place(new Ntag21x({ uid: bytes('04000000000001') }));
  expect(await ask(reader, 'ffd600040401020304')).toBe('');
  await reader.atr();
  expect(await ask(reader, 'ffca000000')).toBe('040000000000019000');
});
