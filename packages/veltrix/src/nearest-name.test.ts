import assert from 'node:assert/strict';
import { test } from 'node:test';
import { nearestName } from './nearest-name.ts';

const names = ['title', 'steps', 'treasures', 'firstSolverBonus', 'wrongAnswers'];

test('a slip of the finger finds what was meant', () => {
  assert.equal(nearestName('titel', names), 'title');
  assert.equal(nearestName('step', names), 'steps');
  assert.equal(nearestName('firstsolverbonus', names), 'firstSolverBonus');
  assert.equal(nearestName('wrong-answers', names), 'wrongAnswers');
  assert.equal(nearestName('tressure', names), 'treasures');
});

test('another word finds nothing', () => {
  assert.equal(nearestName('prizes', names), undefined);
  assert.equal(nearestName('', names), undefined);
  assert.equal(nearestName('x'.repeat(100_000), names), undefined);
});
