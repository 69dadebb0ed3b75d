import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  batchRequest,
  NumberedRequest,
  readerRequests,
  singleRequest,
  socketFrame,
} from './request.ts';

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

  it('of a crowd of readers is for progress, standings or a decision as five to four to one, at each moment', () => {
    const tokens = Array.from({ length: 20 }, (_, number) => `token-${number}`);
    const requests = readerRequests(tokens).map((one) => one.numbered(1).toString());
    assert.equal(requests.length, 200);
    const kindOf = (text: string) => /^(?:GET \S+\/(\w+)|(POST))/.exec(text)!.slice(1).join('');
    for (let from = 0; from < requests.length; from += 10) {
      const kinds = Object.groupBy(requests.slice(from, from + 10), kindOf);
      const counts = [kinds['me'], kinds['standings'], kinds['POST']].map((of) => of?.length);
      assert.deepEqual(counts, [5, 4, 1]);
    }
    for (const token of tokens) {
      const own = requests.filter((text) => text.includes(`Bearer ${token}\r\n`));
      assert.equal(new Set(own.map(kindOf)).size, 3, token);
    }
  });
});
