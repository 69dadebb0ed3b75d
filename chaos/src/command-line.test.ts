import assert from 'node:assert/strict';
import { test } from 'node:test';
import { help, parse } from './command-line.ts';
import { faultNames } from './faults/fault-plan.ts';

const read = (...argv: string[]) => parse(argv, () => 42);

test('flags have defaults, and the seed is drawn', () => {
  const { minutes, seed, faults, json } = read();
  assert.deepEqual([minutes, seed, faults, json], [2, 42, faultNames, false]);
  const given = read('--minutes', '0.5', '--seed', '7', '--faults', 'broker-kill, redis-flush');
  assert.deepEqual(
    [given.minutes, given.seed, given.faults],
    [0.5, 7, ['broker-kill', 'redis-flush']],
  );
});

test('wrong values say which flag and what it takes', () => {
  assert.throws(() => read('--minutes', 'ten'), /--minutes is a number from 0.1 to 1440, not ten/);
  assert.throws(() => read('--players', '0'), /--players/);
  assert.throws(() => read('--faults', 'quake'), /no fault "quake"; there are .*broker-kill/);
  assert.throws(() => read('--fualts', 'x'), /fualts/);
});

test('help names every fault', () => {
  for (const name of faultNames) assert.ok(help.includes(name), name);
});
