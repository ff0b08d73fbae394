import { expect, test } from 'vitest';
import { Ntag424 } from './ntag424.js';

const KEY = new Uint8Array(16);
const made = { uid: Buffer.from('04de5f1eacc040', 'hex'), link: 'https://ink.let/s', metaKey: KEY, fileKey: KEY };
const SELECT = '00a4040007d276000085010100';

const tagTest = test.extend('tag', () => new Ntag424({ ...made, random: () => 0 }));

function ask(tag: Ntag424, apdu: string): string {
  return Buffer.from(tag.apdu(Buffer.from(apdu, 'hex'))).toString('hex');
}

tagTest('its files are found, others are not', ({ tag }) => {
  expect(ask(tag, SELECT)).toBe('9000');
  expect(ask(tag, '00a4000c02e103')).toBe('9000');
  expect(ask(tag, '00b000000f')).toBe('001720010000ff0406e1040100000090' + '00');
  expect(ask(tag, '00a4000c02e199')).toBe('6a82');
});

tagTest('nothing is read before a file is selected', ({ tag }) => {
  expect(ask(tag, '00b0000002')).toBe('6986');
});

tagTest.for([
  ['a read behind the end', '00b0010010', '6b00'],
  ['a write without the key', '00d6000001ff', '6982'],
  ['an authentication, which is not modelled', '9071000002000000', '6d00'],
  ['half a command', '00b0', '6700'],
  ['nothing', '', '6700'],
])('%s is refused', ([, apdu = '', status], { tag }) => {
  ask(tag, SELECT);
  ask(tag, '00a4000c02e104');
  expect(ask(tag, apdu)).toBe(status);
});

tagTest('a session counts once, however it reads', ({ tag }) => {
  for (const session of [1, 2]) {
    ask(tag, SELECT);
    ask(tag, '00a4000c02e104');
    const first = ask(tag, '00b0000050');
    expect(ask(tag, '00b0000050')).toBe(first);
    expect(tag.count).toBe(session);
  }
});

tagTest('a tag that was taken away does not answer, and has forgotten what was selected', ({ tag }) => {
  ask(tag, SELECT);
  tag.leave();
  expect(ask(tag, SELECT)).toBe('');
  tag.return();
  expect(ask(tag, '00b0000002')).toBe('6986');
});
