import assert from 'node:assert/strict';
import { test } from 'node:test';
import { help, parse } from './command-line.ts';

const read = (...argv: string[]) => parse(argv, () => 42);

test('flags have defaults, and the seed is drawn', () => {
  const { minutes, seed, peak, quicken, by, json } = read();
  assert.deepEqual([minutes, seed, peak, quicken, by, json], [4, 42, 3, 6, 'metrics', false]);
  assert.equal(read('--quicken', '1').quicken, 1);
  assert.equal(read('--by', 'advice').by, 'advice');
});

test('wrong values say which flag and what it takes', () => {
  assert.throws(() => read('--minutes', '0.5'), /--minutes is a number from 1 to 1440, not 0.5/);
  assert.throws(() => read('--quicken', '0'), /--quicken is a number from 1 to 20/);
  assert.throws(() => read('--peak', 'many'), /--peak/);
  assert.throws(() => read('--by', 'hand'), /--by is metrics or advice, not hand/);
  assert.throws(() => read('--paek', '3'), /paek/);
  for (const flag of ['minutes', 'peak', 'quicken', 'by', 'seed', 'json']) {
    assert.ok(help.includes(`--${flag}`), flag);
  }
});
