import { describe, expect, test } from 'vitest';
import { Ntag21x, SimNfcReader } from '../../device-sim/index.js';
import { type NdefRecord, type NfcReader, Ntag } from '../../hardware/index.js';

const bytes = (hex: string) => Uint8Array.from(Buffer.from(hex.replaceAll(' ', ''), 'hex'));
const OLD: NdefRecord[] = [{ kind: 'uri', uri: 'https://example.com/old' }];
const NEW: NdefRecord[] = [
  { kind: 'external', type: 'inklet.app:h', payload: new Uint8Array(60).fill(0x5a) },
  { kind: 'uri', uri: 'https://ink.let/h' },
];

const tagTest = test
  .extend('tag', () => new Ntag21x({ uid: bytes('04de5f1eacc040') }))
  .extend('reader', ({ tag }) => {
    const reader = new SimNfcReader();
    reader.place(tag);
    return reader;
  })
  .extend('ntag', ({ reader }) => new Ntag({ reader }));

function pages(tag: Ntag21x, first: number, last: number): string {
  return Buffer.from(tag.dump().slice(first * 4, (last + 1) * 4)).toString('hex');
}

/** The reader with an ear at its APDUs, and with a mouth of its own where `say` answers. */
function overheard(reader: NfcReader, say: (apdu: string) => string | undefined = () => undefined) {
  const heard: string[] = [];
  const ear: NfcReader = {
    atr: () => reader.atr(),
    transmit: async (apdu) => {
      const text = Buffer.from(apdu).toString('hex');
      heard.push(text);
      const answer = say(text);
      return answer === undefined ? await reader.transmit(apdu) : bytes(answer);
    },
  };
  return { heard, ear };
}

tagTest('a tag says what it is', async ({ ntag }) => {
  expect(await ntag.info()).toEqual({ model: 'ntag213', uid: '04de5f1eacc040', userBytes: 144, locked: false });
});

tagTest.for([
  ['ntag215', 'e1103e00', 496],
  ['ntag216', 'e1106d00', 872],
] as const)('an %s is known by its capability container', async ([model, cc, userBytes], { reader }) => {
  const { ear } = overheard(reader, (apdu) => (apdu === 'ffb0000304' ? `${cc}9000` : undefined));
  expect(await new Ntag({ reader: ear }).info()).toMatchObject({ model, userBytes });
});

tagTest.for([
  ['a tag without a capability container', 'ffb0000304', '000000009000'],
  ['a tag of NDEF version 2', 'ffb0000304', 'e12012009000'],
  ['a tag of a size that no NTAG has', 'ffb0000304', 'e11013009000'],
  ['a card with a UID of four bytes', 'ffca000000', '010203049000'],
])('%s is not supported', async ([, question, answer], { reader }) => {
  const { ear } = overheard(reader, (apdu) => (apdu === question ? answer : undefined));
  await expect(new Ntag({ reader: ear }).info()).rejects.toMatchObject({ code: 'nfc.unsupported-tag' });
});

describe('a message', () => {
  tagTest('it is read as it was written, behind the control block of the factory', async ({ ntag, tag }) => {
    await ntag.writeNdef(NEW);
    expect(await ntag.readNdef()).toEqual(NEW);
    expect(pages(tag, 4, 5)).toBe('0103a00c' + '34035994');
  });

  tagTest('a new tag holds none', async ({ ntag }) => {
    expect(await ntag.readNdef()).toEqual([]);
  });

  tagTest('its length is zero first and right last, and its pages go in order', async ({ reader }) => {
    const { heard, ear } = overheard(reader);
    await new Ntag({ reader: ear }).writeNdef(OLD);
    expect(heard.filter((apdu) => apdu.startsWith('ffd6')).map((apdu) => apdu.slice(6))).toEqual([
      '0504' + '340300fe',
      '0404' + '0103a00c',
      '0604' + '01105504',
      '0704' + '6578616d',
      '0804' + '706c652e',
      '0904' + '636f6d2f',
      '0a04' + '6f6c64fe',
      '0504' + '340314d1',
    ]);
  });

  tagTest.for(['torn', 'lifted'] as const)(
    'a tag that is %s at any write holds the old message, the new one or none',
    async (how, { ntag, reader, tag }) => {
      const seen = new Set<string>();
      for (let afterWrites = 0; afterWrites < 32; afterWrites += 1) {
        await ntag.writeNdef(OLD);
        tag.departLater({ how, afterWrites });
        const outcome = await ntag.writeNdef(NEW).then(
          () => 'written',
          (error) => error.code,
        );
        reader.place(tag);
        const held = JSON.stringify(await ntag.readNdef());
        const name = { [JSON.stringify(OLD)]: 'old', [JSON.stringify(NEW)]: 'new', '[]': 'none' }[held] ?? held;
        seen.add(`${outcome}: ${name}`);
      }
      // A tear of the very first write already leaves the length 0.
      const old = how === 'lifted' ? ['nfc.no-tag: old'] : [];
      expect(seen).toEqual(new Set([...old, 'nfc.no-tag: none', 'written: new']));
    },
  );

  tagTest('one that does not fit leaves the old one', async ({ ntag }) => {
    await ntag.writeNdef(OLD);
    const large: NdefRecord[] = [{ kind: 'text', language: 'en', text: 'x'.repeat(140) }];
    await expect(ntag.writeNdef(large)).rejects.toMatchObject({ code: 'nfc.tag-full' });
    expect(await ntag.readNdef()).toEqual(OLD);
  });

  tagTest('garbage on the tag is a typed error, and is written over', async ({ ntag, tag }) => {
    tag.damage(new Uint8Array(144).fill(0x03));
    await expect(ntag.readNdef()).rejects.toMatchObject({ code: 'ndef.malformed' });
    await ntag.writeNdef(NEW);
    expect(await ntag.readNdef()).toEqual(NEW);
  });

  tagTest('a write that the tag took although the reader denies it counts', async ({ ntag, reader }) => {
    reader.faults.deniesWrites = true;
    await ntag.writeNdef(NEW);
    expect(await ntag.readNdef()).toEqual(NEW);
  });

  tagTest('a page that holds something else than what was written is found', async ({ reader }) => {
    const { ear } = overheard(reader, (apdu) => (apdu.startsWith('ffd60007') ? '9000' : undefined));
    await expect(new Ntag({ reader: ear }).writeNdef(NEW)).rejects.toMatchObject({ code: 'nfc.verify-failed' });
  });

  tagTest('a refusal after which the reader refuses everything is a failed write', async ({ ntag, reader, tag }) => {
    reader.faults.stickyNak = true;
    tag.command(bytes('a2 02 00002000'));
    await expect(ntag.writeNdef(NEW)).rejects.toMatchObject({ code: 'nfc.write-failed' });
    await expect(ntag.readNdef()).rejects.toMatchObject({ code: 'nfc.read-failed' });
  });

  tagTest('an empty reader is an error of its own', async ({ ntag, reader }) => {
    reader.remove();
    await expect(ntag.readNdef()).rejects.toMatchObject({ code: 'nfc.no-tag' });
  });

  tagTest('an aborted write stops between two pages', async ({ reader }) => {
    const stop = new AbortController();
    const { ear, heard } = overheard(reader, (apdu) => {
      if (apdu.startsWith('ffd60008')) stop.abort();
      return undefined;
    });
    await expect(new Ntag({ reader: ear }).writeNdef(NEW, stop.signal)).rejects.toMatchObject({ name: 'AbortError' });
    expect(heard.at(-1)).toMatch(/^ffd60008/);
  });
});

describe('a lock', () => {
  tagTest('it sets the container and all lock bits, and no page can be written after it', async ({ ntag, tag }) => {
    await ntag.writeNdef(NEW);
    await ntag.lock();
    expect(pages(tag, 2, 3)).toBe('3248ffff' + 'e110120f');
    expect(pages(tag, 0x28, 0x28)).toBe('ff0f3fbd');
    for (let page = 2; page < 0x28; page += 1) {
      const before = pages(tag, page, page);
      tag.command(Uint8Array.of(0xa2, page, 0, 0, 0, 0));
      expect(pages(tag, page, page)).toBe(before);
    }
    await expect(ntag.writeNdef(OLD)).rejects.toMatchObject({ code: 'nfc.tag-locked' });
    expect(await ntag.readNdef()).toEqual(NEW);
  });

  tagTest('locking twice is the same as once', async ({ ntag, tag }) => {
    await ntag.lock();
    const once = tag.dump();
    await ntag.lock();
    expect(tag.dump()).toEqual(once);
  });

  tagTest.for([0, 1, 2])(
    'a lock that was interrupted after %i writes is finished by the next',
    async (afterWrites, { ntag, reader, tag }) => {
      tag.departLater({ how: 'torn', afterWrites });
      await expect(ntag.lock()).rejects.toMatchObject({ code: 'nfc.no-tag' });
      reader.place(tag);
      await ntag.lock();
      expect(pages(tag, 2, 3) + pages(tag, 0x28, 0x28)).toBe('3248ffff' + 'e110120f' + 'ff0f3fbd');
    },
  );
});
