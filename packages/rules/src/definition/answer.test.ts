import assert from 'node:assert/strict';
import { test } from 'node:test';
import { answerHash, normalizeAnswer } from './answer.ts';

const same: readonly (readonly [string, string])[] = [
  ['Water', 'water'],
  ['  the \t north\u00a0\n star ', 'the north star'],
  ['ＷＡＴＥＲ４２', 'water42'],
  ['cafe\u0301', 'café'],
  ['STRASSE', 'straße'],
  ['İstanbul', 'istanbul'],
  ['ISPARTA', 'ısparta'],
  ['ΟΔΥΣΣΕΥΣ', 'οδυσσευς'],
  // Whether a sigma is final depends on the mark after it.
  ['ΑΣ′Β', "ας'β"],
  ['l’eau', "l'eau"],
  ['“so”', '"so"'],
  ['forty–two', 'forty-two'],
  ['wa\u200bt\u200der\ufeff', 'water'],
  ['wa\u0007ter', 'water'],
  ['ﬁn', 'FIN'],
  ['❤\ufe0f', '❤'],
  ['x²', 'x2'],
];

for (const [left, right] of same) {
  test(`${JSON.stringify(left)} and ${JSON.stringify(right)} are the same answer`, () => {
    assert.ok(normalizeAnswer(left) !== undefined);
    assert.equal(normalizeAnswer(left), normalizeAnswer(right));
  });
}

test('different answers stay different', () => {
  const answers = ['cafe', 'café', 'water', 'wa ter', '42', '４3', 'nord', 'nörd', '-', "'", '🦆'];
  assert.equal(new Set(answers.map(normalizeAnswer)).size, answers.length);
});

test('what is no answer is undefined', () => {
  for (const text of ['', '   ', '\u200b', 'a\0b', '\0', '\ud800', 'x\udc00', 'a'.repeat(1_025)]) {
    assert.equal(normalizeAnswer(text), undefined, JSON.stringify(text.slice(0, 10)));
  }
  assert.equal(normalizeAnswer('a'.repeat(1_024)), 'a'.repeat(1_024));
});

test('the hash is HMAC-SHA256 cut to 16 bytes, over hunt and answer', () => {
  const secret = new Uint8Array(32).fill(7);
  const hash = answerHash(secret, 'city-lights', 'water');
  // printf 'answer\0city-lights\0water' | openssl dgst -sha256 -mac HMAC -macopt hexkey:0707…
  assert.equal(Buffer.from(hash).toString('hex'), '923da7c012f78820f5aa0d52287a7584');
  assert.notDeepEqual(answerHash(secret, 'city-light', 'swater'), hash);
  assert.notDeepEqual(answerHash(secret, 'other', 'water'), hash);
  assert.notDeepEqual(answerHash(new Uint8Array(32), 'city-lights', 'water'), hash);
});
