import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseCommandLine } from './command-line.ts';

test('verb, services and --json are read in any order of the words behind the verb', () => {
  assert.deepEqual(parseCommandLine(['up', 'redis', '--json', 'kafka3', 'redis']), {
    verb: 'up',
    services: ['redis', 'kafka3'],
    json: true,
  });
  assert.deepEqual(parseCommandLine(['down']), { verb: 'down', services: [], json: false });
});

for (const [line, message] of [
  [[], /^say what to do\nnpm run services/],
  [['start'], /^start is unknown\nnpm run services/],
  [['up', 'mysql'], /^mysql is no service\n[\s\S]*kafka3, cassandra/],
  [['up', '--jsonl'], /^--jsonl is no service/],
] as const) {
  test(`"${line.join(' ')}" gets the usage`, () => {
    assert.throws(() => parseCommandLine(line), { message });
  });
}
