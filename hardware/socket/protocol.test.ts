import fc from 'fast-check';
import { expect, test } from 'vitest';
import { MessageReader, messageHead } from './protocol.js';

test('messages are found however the stream is cut', () => {
  const message = fc.record({ op: fc.nat(255), payload: fc.uint8Array({ maxLength: 40 }) });
  fc.assert(
    fc.property(fc.array(message, { maxLength: 6 }), fc.integer({ min: 1, max: 30 }), (messages, step) => {
      const stream = Buffer.concat(messages.flatMap(({ op, payload }) => [messageHead(op, payload.length), payload]));
      const reader = new MessageReader();
      const found = [];
      for (let at = 0; at < stream.length; at += step) {
        for (const { op, payload } of reader.push(stream.subarray(at, at + step))) {
          found.push({ op, payload: Uint8Array.from(payload) });
        }
      }
      expect(found).toEqual(messages);
    }),
  );
});

test.each([0, 0x0010_0001, 0xffff_ffff])('a message that announces %d bytes is refused', (length) => {
  const head = Buffer.alloc(4);
  head.writeUInt32BE(length);
  expect(() => new MessageReader().push(head)).toThrow(expect.objectContaining({ code: 'socket.protocol' }));
});
