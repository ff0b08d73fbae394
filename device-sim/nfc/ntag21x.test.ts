import { expect, test } from 'vitest';
import { SimError } from '../errors.js';
import { Ntag21x } from './ntag21x.js';

const bytes = (hex: string) => Uint8Array.from(Buffer.from(hex.replaceAll(' ', ''), 'hex'));
const UID = bytes('04de5f1eacc040');

const tagTest = test.extend('tag', () => new Ntag21x({ uid: UID }));

function ask(tag: Ntag21x, command: string): string {
  const answer = tag.command(bytes(command));
  return answer.kind === 'data' ? Buffer.from(answer.bytes).toString('hex') : answer.kind;
}

tagTest('a new tag begins with its UID and check bytes, open locks, container and an empty message', ({ tag }) => {
  // 88 xor 04 de 5f is 0d, 1e xor ac xor c0 xor 40 is 32.
  expect(ask(tag, '3000')).toBe('04de5f0d1eacc04032480000e1101200');
  expect(ask(tag, '3004')).toBe('0103a00c340300fe0000000000000000');
});

tagTest('a read at the last page goes on at the first', ({ tag }) => {
  expect(ask(tag, '302c')).toBe('0000000004de5f0d1eacc04032480000');
});

tagTest('the version says NTAG213', ({ tag }) => {
  expect(ask(tag, '60')).toBe('0004040201000f03');
});

tagTest('a fast read gives all pages from one to another', ({ tag }) => {
  expect(ask(tag, '3a0304')).toBe('e11012000103a00c');
  expect(ask(tag, '3a0403')).toBe('nak');
  expect(ask(tag, '3a002d')).toBe('nak');
});

tagTest.for(['302d', 'a22d01020304', 'a20001020304', 'a20101020304', 'a204010203', '1b00000000', ''])(
  'the command "%s" is refused',
  (command, { tag }) => {
    expect(ask(tag, command)).toBe('nak');
  },
);

tagTest('what is written to a user page is read', ({ tag }) => {
  expect(ask(tag, 'a2 27 01020304')).toBe('ack');
  expect(ask(tag, '3027').slice(0, 8)).toBe('01020304');
});

tagTest('a password that was written reads as zeros', ({ tag }) => {
  expect(ask(tag, 'a2 2b 01020304')).toBe('ack');
  expect(ask(tag, '3a2b2b')).toBe('00000000');
});

tagTest('bits of the capability container are set and never cleared', ({ tag }) => {
  ask(tag, 'a2 03 0000000f');
  ask(tag, 'a2 03 00000000');
  expect(ask(tag, '3a0303')).toBe('e110120f');
});

tagTest('static lock bits are set and never cleared, and the check byte beside them stays', ({ tag }) => {
  ask(tag, 'a2 02 00001001');
  ask(tag, 'a2 02 ffff0000');
  expect(ask(tag, '3a0202')).toBe('32481001');
});

tagTest('a static lock bit protects its page and no other', ({ tag }) => {
  ask(tag, 'a2 02 00001000');
  expect(ask(tag, 'a2 04 01020304')).toBe('nak');
  expect(ask(tag, 'a2 05 01020304')).toBe('ack');
});

tagTest('the lock bit of the container protects page 3', ({ tag }) => {
  ask(tag, 'a2 02 00000800');
  expect(ask(tag, 'a2 03 0000000f')).toBe('nak');
});

tagTest('a dynamic lock bit protects its two pages and no other', ({ tag }) => {
  ask(tag, 'a2 28 02000000');
  for (const [page, answer] of Object.entries({ '11': 'ack', '12': 'nak', '13': 'nak', '14': 'ack' })) {
    expect(ask(tag, `a2 ${page} 01020304`)).toBe(answer);
  }
});

tagTest('a block-lock bit freezes the lock bits of its pages', ({ tag }) => {
  ask(tag, 'a2 02 00000200');
  ask(tag, 'a2 02 0000f0ff');
  expect(ask(tag, '3a0202')).toBe('324802fc');
  ask(tag, 'a2 28 00000100');
  ask(tag, 'a2 28 ff000000');
  expect(ask(tag, '3a2828')).toBe('fc0001bd');
});

tagTest('a torn write leaves half a page, and the tag is gone until it comes back', ({ tag }) => {
  tag.departLater({ how: 'torn', afterWrites: 1 });
  expect(ask(tag, 'a2 04 aaaaaaaa')).toBe('ack');
  expect(ask(tag, 'a2 05 bbbbbbbb')).toBe('gone');
  expect(ask(tag, '3004')).toBe('gone');
  tag.return();
  expect(ask(tag, '3a0405')).toBe('aaaaaaaabbbb0000');
});

tagTest('a torn write of the lock pages or the container changes nothing', ({ tag }) => {
  for (const [page, held] of [
    ['02', '32480000'],
    ['03', 'e1101200'],
    ['28', '000000bd'],
  ]) {
    tag.departLater({ how: 'torn', afterWrites: 0 });
    expect(ask(tag, `a2 ${page} ffffffff`)).toBe('gone');
    tag.return();
    expect(ask(tag, `3a${page}${page}`)).toBe(held);
  }
});

tagTest.for(['04de5f1eacc0', '05de5f1eacc040'])('the UID %s makes no tag', (uid) => {
  expect(() => new Ntag21x({ uid: bytes(uid) })).toThrow(SimError);
});
