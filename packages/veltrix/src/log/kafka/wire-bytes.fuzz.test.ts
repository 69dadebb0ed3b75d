import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import fc from 'fast-check';
import { ByteCursor } from './byte-cursor.ts';
import { ByteWriter } from './byte-writer.ts';
import { FrameSplitter } from './frame-splitter.ts';

const anyBytes = (maxLength: number) => fc.uint8Array({ maxLength });

function framed(frames: readonly Uint8Array[]): Buffer {
  const writer = new ByteWriter();
  for (const frame of frames) writer.int32(frame.length).raw(frame);
  return Buffer.from(writer.bytes);
}

suite('bytes on the wire', () => {
  test('however the network cuts them, the frames that were sent come out', () => {
    const cuts = fc.array(fc.nat({ max: 9_000 }), { maxLength: 20 });
    fc.assert(
      fc.property(fc.array(anyBytes(3_000), { maxLength: 8 }), cuts, (frames, cuts) => {
        const all = framed(frames);
        const found: string[] = [];
        const splitter = new FrameSplitter((frame) => found.push(frame.toString('hex')));
        // One buffer for all that arrives, as a connection has.
        const arriving = Buffer.alloc(all.length);
        let at = 0;
        for (const cut of [...cuts.toSorted((one, other) => one - other), all.length]) {
          const end = Math.min(Math.max(cut, at), all.length);
          const size = all.copy(arriving, 0, at, end);
          splitter.add(arriving.subarray(0, size));
          arriving.fill(0xee);
          at = end;
        }
        assert.deepEqual(
          found,
          frames.map((frame) => Buffer.from(frame).toString('hex')),
        );
      }),
      { numRuns: 300 },
    );
  });

  test('an answer in another protocol is told by its length', () => {
    const splitter = new FrameSplitter(() => assert.fail('no frame'));
    assert.throws(
      () => splitter.add(Buffer.from('HTTP/1.1 400 Bad Request\r\n')),
      /1213486160 bytes/,
    );
    assert.throws(() => new FrameSplitter(() => {}).add(Buffer.alloc(4, 0xff)), /announced/);
  });

  test('what is written is read again, also beyond the room at first', () => {
    const whole = fc.maxSafeInteger();
    fc.assert(
      fc.property(whole, fc.nat(), anyBytes(2_000), fc.uuid(), (long, short, bytes, id) => {
        const writer = new ByteWriter().int64(long).raw(bytes).varint(short).uuid(id);
        writer.count(bytes.length).raw(bytes).tags().int32(-short).int16(-2);
        const cursor = new ByteCursor(Buffer.from(writer.bytes));
        assert.equal(cursor.int64(), long);
        assert.deepEqual(Uint8Array.from(cursor.raw(bytes.length)), bytes);
        assert.equal(cursor.varint(), short);
        assert.equal(cursor.raw(16).toString('hex'), id.replaceAll('-', ''));
        assert.deepEqual(Uint8Array.from(cursor.bytes()), bytes);
        cursor.tags(() => assert.fail('none'));
        assert.equal(cursor.int32(), -short | 0);
        assert.equal(cursor.int16(), -2);
      }),
    );
  });
});
