import assert from 'node:assert/strict';
import { test } from 'node:test';
import { answerHash, publishHunt } from '@hunt/rules';
import { AnswerHashes } from './answer-hashes.ts';
import { DirectoryHunt } from './hunt-directory.ts';
import { compiled, testHuntSource, testSecret } from './testing/test-hunt.ts';

const hunt = new DirectoryHunt(publishHunt(compiled(testHuntSource), testSecret));

test('a full cache forgets answers and hashes them again, to the same bytes', () => {
  const answerCacheMax = 4;
  const hashes = new AnswerHashes(testSecret, answerCacheMax);
  const first = hashes.hash(hunt, 'Water');
  assert.equal(hashes.hash(hunt, 'Water'), first, 'remembered');
  for (let number = 0; number < 10 * answerCacheMax; number++) hashes.hash(hunt, `no ${number}`);
  const again = hashes.hash(hunt, 'Water');
  assert.notEqual(again, first, 'forgotten');
  assert.deepEqual(again, first);
  assert.deepEqual(Buffer.from(again), Buffer.from(answerHash(testSecret, 'test-hunt', 'water')));
});

test('a long answer is never kept', () => {
  const hashes = new AnswerHashes(testSecret, 4);
  const long = 'w'.repeat(65);
  assert.notEqual(hashes.hash(hunt, long), hashes.hash(hunt, long));
  assert.deepEqual(hashes.hash(hunt, long), hashes.hash(hunt, long));
});
