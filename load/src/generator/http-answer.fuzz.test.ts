import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { type HttpAnswer, HttpAnswerReader } from './http-answer.ts';

const withLength = (status: number, body: string, more = '') =>
  `HTTP/1.1 ${status} Reason\r\nContent-Length: ${body.length}${more}\r\n\r\n${body}`;
const chunked = (parts: readonly string[]) => {
  const chunks = parts.filter((part) => part !== '');
  const text = chunks.map((part) => `${part.length.toString(16)};x=y\r\n${part}\r\n`).join('');
  return `HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n${text}0\r\nTrailer: 1\r\n\r\n`;
};

/** What comes out of a stream that arrives in pieces of these sizes, in turn. */
function answersOf(stream: string, sizes: readonly number[]): HttpAnswer[] {
  const answers: HttpAnswer[] = [];
  const reader = new HttpAnswerReader((answer) => answers.push(answer));
  const bytes = Buffer.from(stream, 'latin1');
  for (let at = 0, turn = 0; at < bytes.length; turn++) {
    const size = sizes[turn % sizes.length]!;
    reader.read(bytes.subarray(at, at + size));
    at += size;
  }
  reader.end();
  return answers;
}

test('answers are the same however their bytes are cut', () => {
  const body = fc.string({ unit: 'binary-ascii', maxLength: 300 });
  const answer = fc.oneof(
    body.map((one) => ({ text: withLength(200, one), body: one, status: 200 })),
    fc.array(body, { maxLength: 4 }).map((parts) => ({
      ...{ text: chunked(parts), body: parts.join(''), status: 200 },
    })),
    fc.constant({ text: 'HTTP/1.1 204 None\r\n\r\n', body: '', status: 204 }),
    body.map((one) => ({
      text: `HTTP/1.1 100 Continue\r\n\r\n${withLength(503, one)}`,
      ...{ body: one, status: 503 },
    })),
  );
  fc.assert(
    fc.property(
      fc.array(answer, { minLength: 1, maxLength: 5 }),
      fc.array(fc.integer({ min: 1, max: 90 }), { minLength: 1, maxLength: 6 }),
      (list, sizes) => {
        const answers = answersOf(list.map(({ text }) => text).join(''), sizes);
        assert.deepEqual(
          answers.map(({ status, body }) => [status, body]),
          list.map(({ status, body }) => [status, body]),
        );
      },
    ),
    { numRuns: 300 },
  );
});

test('whether the connection goes on follows from version, header and length', () => {
  const keepsAlive = (stream: string) => answersOf(stream, [1_000]).map((one) => one.keepsAlive);
  assert.deepEqual(keepsAlive(withLength(200, 'x')), [true]);
  assert.deepEqual(keepsAlive(withLength(200, 'x', '\r\nConnection: close')), [false]);
  assert.deepEqual(keepsAlive('HTTP/1.0 200 OK\r\nContent-Length: 0\r\n\r\n'), [false]);
  const endless = answersOf('HTTP/1.1 200 OK\r\n\r\nabc', [4]);
  assert.deepEqual(endless, [{ status: 200, body: 'abc', keepsAlive: false }]);
});

test('a long body is kept in part, and what is no HTTP throws', () => {
  const [answer] = answersOf(withLength(200, 'a'.repeat(100_000)), [7_000]);
  assert.equal(answer?.body.length, 4_096);
  for (const wrong of [
    'SSH-2.0-x\r\n\r\n',
    'x'.repeat(70_000),
    chunked([]).replace('0\r\n', 'zz\r\n'),
  ]) {
    assert.throws(() => answersOf(wrong, [50_000]), /answer/);
  }
});

test('any bytes are answers or an error, never a hang', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary-ascii', maxLength: 500 }), (text) => {
      try {
        answersOf(`HTTP/1.1 200 OK\r\n${text}`, [13]);
      } catch (error) {
        assert.ok(error instanceof Error);
      }
    }),
    { numRuns: 300 },
  );
});
