import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { batchRequest, NumberedRequest, singleRequest, socketFrame } from './request.ts';

describe('request', () => {
  it('carries other numbers each time, in their order', () => {
    const request = new NumberedRequest('a############b############');
    assert.equal(request.numbers, 2);
    assert.equal(String(request.numbered(41)), 'a000000000041b000000000042');
    assert.equal(String(request.numbered(7)), 'a000000000007b000000000008');
  });

  it('says its length and has a body that is JSON', () => {
    for (const request of [singleRequest('token', 3), batchRequest('token', 3, 5)]) {
      const [head, body] = String(request.numbered(1)).split('\r\n\r\n') as [string, string];
      assert.equal(Number(/Content-Length: (\d+)/.exec(head)![1]), body.length);
      assert.equal(typeof JSON.parse(body), 'object');
    }
  });

  it('is a masked text frame on a socket', () => {
    const frame = socketFrame(5).numbered(9);
    assert.equal(frame[0], 0x81);
    assert.equal(frame[1], 0x80 | (frame.length - 6));
    assert.equal(JSON.parse(String(frame.subarray(6))).id, 'k000000000009');
  });
});
