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

function configured(model: 'ntag213' | 'ntag215' | 'ntag216', cfg0: string, cfg1: string): Ntag21x {
  const tag = new Ntag21x({ uid: UID, model, signature: new Uint8Array(32).fill(0xa5) });
  const first = { ntag213: 0x29, ntag215: 0x83, ntag216: 0xe3 }[model];
  const pages = [cfg0, cfg1, '11223344', 'beef0000'];
  for (const at of [2, 3, 0, 1]) {
    // What is configured holds at once.
    if (at === 1) ask(tag, '1b 11223344');
    expect(ask(tag, `a2 ${(first + at).toString(16)} ${pages[at]}`)).toBe('ack');
  }
  tag.powerCycle();
  return tag;
}

test.for([
  ['ntag213', 'e1101200', '0004040201000f03', '2c', '2d'],
  ['ntag215', 'e1103e00', '0004040201001103', '86', '87'],
  ['ntag216', 'e1106d00', '0004040201001303', 'e6', 'e7'],
] as const)('an %s has its own container, version and end', ([model, cc, version, last, behind]) => {
  const tag = new Ntag21x({ uid: UID, model });
  expect(ask(tag, '3003').slice(0, 8)).toBe(cc);
  expect(ask(tag, '60')).toBe(version);
  expect(ask(tag, `30${last}`)).toBe('0000000004de5f0d1eacc04032480000');
  expect(ask(tag, `30${behind}`)).toBe('nak');
});

test.for([
  ['ntag213', 0x28, ['10', '11'], '12'],
  ['ntag215', 0x82, ['10', '1f'], '20'],
  ['ntag216', 0xe2, ['10', '1f'], '20'],
] as const)(
  'the first dynamic lock bit of an %s protects its pages and no other',
  ([model, lockPage, locked, next]) => {
    const tag = new Ntag21x({ uid: UID, model });
    expect(ask(tag, `a2 ${lockPage.toString(16)} 01000000`)).toBe('ack');
    for (const page of locked) expect(ask(tag, `a2 ${page} 01020304`)).toBe('nak');
    expect(ask(tag, `a2 ${next} 01020304`)).toBe('ack');
  },
);

test('a password keeps writes from its first page on, until it is given', () => {
  const tag = configured('ntag213', '04000010', '00050000');
  expect(ask(tag, 'a2 0f 01020304')).toBe('ack');
  expect(ask(tag, 'a2 10 01020304')).toBe('nak');
  expect(ask(tag, '3010')).toHaveLength(32);
  expect(ask(tag, '1b 11223345')).toBe('nak');
  expect(ask(tag, '1b 11223344')).toBe('beef');
  expect(ask(tag, 'a2 10 01020304')).toBe('ack');
  tag.powerCycle();
  expect(ask(tag, 'a2 10 01020304')).toBe('nak');
});

test('a refusal takes the password back', () => {
  const tag = configured('ntag213', '04000010', '00050000');
  expect(ask(tag, '1b 11223344')).toBe('beef');
  expect(ask(tag, '30ff')).toBe('nak');
  expect(ask(tag, 'a2 10 01020304')).toBe('nak');
});

test('a password that keeps reads too ends the memory where it begins', () => {
  const tag = configured('ntag215', '04000010', '80050000');
  expect(ask(tag, '3010')).toBe('nak');
  expect(ask(tag, '3a0f10')).toBe('nak');
  expect(ask(tag, '300f')).toBe('0000000004de5f0d1eacc04032480000');
  expect(ask(tag, '1b 11223344')).toBe('beef');
  expect(ask(tag, '300f').slice(8, 16)).toBe('00000000');
});

test('after so many wrong passwords the right one is refused for ever', () => {
  const tag = configured('ntag216', '04000010', '03050000');
  for (let tries = 0; tries < 2; tries += 1) expect(ask(tag, '1b 00000000')).toBe('nak');
  expect(ask(tag, '1b 11223344')).toBe('beef');
  for (let tries = 0; tries < 3; tries += 1) {
    tag.powerCycle();
    expect(ask(tag, '1b 00000000')).toBe('nak');
  }
  expect(ask(tag, '1b 11223344')).toBe('nak');
});

test('a locked configuration stays, the password does not', () => {
  const tag = configured('ntag213', '040000ff', '40050000');
  expect(ask(tag, 'a2 29 04000004')).toBe('nak');
  expect(ask(tag, 'a2 2a 00050000')).toBe('nak');
  expect(ask(tag, 'a2 2b 55667788')).toBe('ack');
  expect(ask(tag, '1b 55667788')).toBe('beef');
});

test('the counter counts the first read after each power-up', () => {
  const tag = configured('ntag213', '040000ff', '10050000');
  for (const page of ['04', '05']) ask(tag, `30${page}`);
  expect(ask(tag, '3902')).toBe('010000');
  tag.powerCycle();
  expect(ask(tag, '3902')).toBe('010000');
  ask(tag, '3a0404');
  expect(ask(tag, '3902')).toBe('020000');
  expect(ask(tag, '3900')).toBe('nak');
});

test('a counter that is off or protected is not told', () => {
  expect(ask(configured('ntag213', '040000ff', '00050000'), '3902')).toBe('nak');
  const tag = configured('ntag213', '040000ff', '18050000');
  expect(ask(tag, '3902')).toBe('nak');
  expect(ask(tag, '1b 11223344')).toBe('beef');
  expect(ask(tag, '3902')).toBe('000000');
});

test('the originality signature is told', () => {
  expect(ask(configured('ntag213', '040000ff', '00050000'), '3c00')).toBe('a5'.repeat(32));
});

test('UID and counter are mirrored into the pages as text', () => {
  const tag = configured('ntag213', 'd40008ff', '10050000');
  const text = Buffer.from(ask(tag, '3a080d'), 'hex').toString('latin1');
  // One byte into page 8.
  expect(text.slice(1, 22)).toBe('04DE5F1EACC040x000001');
});

test.for([0, 1, 2, 3, 4])('a write that is torn after %i bytes leaves those and erases the rest', (bytes) => {
  const tag = new Ntag21x({ uid: UID });
  ask(tag, 'a2 04 eeeeeeee');
  tag.departLater({ how: 'torn', afterWrites: 0, bytes });
  expect(ask(tag, 'a2 04 aaaaaaaa')).toBe('gone');
  tag.return();
  expect(ask(tag, '3a0404')).toBe('aa'.repeat(bytes) + '00'.repeat(4 - bytes));
});
