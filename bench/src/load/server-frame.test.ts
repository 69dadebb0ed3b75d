import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ServerFrame } from './server-frame.ts';

const [text, binary, close, pong] = [0x81, 0x82, 0x88, 0x8a];

/** A frame as servers send it, with its size in the fewest bytes. */
function frameOf(firstByte: number, payload: Buffer): Buffer {
  const { length } = payload;
  const head = Buffer.alloc(length < 126 ? 2 : length < 65_536 ? 4 : 10);
  head[0] = firstByte;
  head[1] = length < 126 ? length : length < 65_536 ? 126 : 127;
  if (head.length === 4) head.writeUInt16BE(length, 2);
  if (head.length === 10) head.writeBigUInt64BE(BigInt(length), 2);
  return Buffer.concat([head, payload]);
}

/** The texts of all whole frames, and how many bytes these took. */
function cutAll(bytes: Buffer): { readonly texts: readonly string[]; readonly taken: number } {
  const frame = new ServerFrame();
  const texts: string[] = [];
  let at = 0;
  while (frame.cut(bytes, at)) {
    if (frame.isText) texts.push(bytes.toString('latin1', frame.start, frame.end));
    at = frame.end;
  }
  return { texts, taken: at };
}

for (const size of [0, 1, 125, 126, 127, 65_535, 65_536, 100_000]) {
  test(`a frame of ${size} bytes is cut where it ends, and not before its last byte is there`, () => {
    const payload = 'x'.repeat(size);
    const whole = frameOf(text, Buffer.from(payload));
    const after = frameOf(text, Buffer.from('after'));
    assert.deepEqual(cutAll(Buffer.concat([whole, after])), {
      texts: [payload, 'after'],
      taken: whole.length + after.length,
    });
    for (const short of [0, 1, 2, 3, 4, 9, 10, whole.length - 1]) {
      if (short >= whole.length) continue;
      assert.deepEqual(cutAll(whole.subarray(0, short)), { texts: [], taken: 0 }, `${short}`);
    }
  });
}

test('what is no text is passed over, down to a close without a reason at the end', () => {
  const bytes = Buffer.concat([
    frameOf(binary, Buffer.alloc(200)),
    frameOf(text, Buffer.from('one')),
    frameOf(pong, Buffer.alloc(0)),
    frameOf(text, Buffer.from('two')),
    frameOf(close, Buffer.alloc(0)),
  ]);
  assert.deepEqual(cutAll(bytes), { texts: ['one', 'two'], taken: bytes.length });
});
