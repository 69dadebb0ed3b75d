import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CodedError } from 'veltrix';
import { defineCommand } from './command.ts';
import {
  choiceFlag,
  numberFlagOr,
  requiredTextFlag,
  speedFlag,
  switchFlag,
  textFlag,
  textsFlag,
} from './flag.ts';
import { parseArguments } from './parse.ts';

const command = defineCommand({
  name: 'fly',
  summary: 'Flies',
  flags: {
    to: requiredTextFlag('PLACE', 'Where.'),
    killEvery: numberFlagOr('N', 'How often.', { least: 1, most: 9 }, 3),
    speed: speedFlag('max|N', 'How fast.'),
    format: choiceFlag(['csv', 'jsonl'], 'How.', 'csv'),
    note: textFlag('TEXT', 'What.'),
    stop: textsFlag('PLACE', 'Over where.'),
    json: switchFlag('Really.'),
  },
  run: async () => 0 as const,
});
const parse = (...argv: string[]) => parseArguments(command, argv);

async function idAndMessage(...argv: string[]): Promise<[string, string]> {
  try {
    await parse(...argv);
  } catch (error) {
    if (error instanceof CodedError) return [error.id, error.message];
    throw error;
  }
  assert.fail('it was taken');
}

test('flags have the types and defaults of the table', async () => {
  const { flags, args } = await parse('--to', 'Mars');
  assert.deepEqual(args, []);
  assert.deepEqual(flags, {
    to: 'Mars',
    killEvery: 3,
    speed: Number.POSITIVE_INFINITY,
    format: 'csv',
    note: undefined,
    stop: [],
    json: false,
  });
  const all = await parse(
    ...['--kill-every=4', '--to', 'a', '--to=--b', '--speed', '0.5', '--format', 'jsonl'],
    ...['--stop', 'x', '--stop', 'y', '--json', '--note', 'z'],
  );
  assert.deepEqual(all.flags, {
    to: '--b',
    killEvery: 4,
    speed: 0.5,
    format: 'jsonl',
    note: 'z',
    stop: ['x', 'y'],
    json: true,
  });
});

test('what cannot be meant is refused with its own id', async () => {
  const cases: [string, string[]][] = [
    ['cli-flag-missing', []],
    ['cli-flag-unknown', ['--to', 'a', '--jsom']],
    ['cli-flag-unknown', ['--to', 'a', '-j']],
    ['cli-flag-value-missing', ['--to']],
    ['cli-flag-value-missing', ['--to', '--json']],
    ['cli-flag-value-missing', ['--to=']],
    ['cli-flag-value-invalid', ['--to', 'a', '--json=yes']],
    ['cli-flag-value-invalid', ['--to', 'a', '--kill-every', '10']],
    ['cli-flag-value-invalid', ['--to', 'a', '--kill-every', '1.5']],
    ['cli-flag-value-invalid', ['--to', 'a', '--kill-every', '0x1']],
    ['cli-flag-value-invalid', ['--to', 'a', '--speed', 'fast']],
    ['cli-flag-value-invalid', ['--to', 'a', '--format', 'xml']],
    ['cli-argument-unexpected', ['--to', 'a', 'b']],
  ];
  for (const [id, argv] of cases)
    assert.equal((await idAndMessage(...argv))[0], id, argv.join(' '));
});

test('a misspelled flag is answered with the nearest one', async () => {
  const [, message] = await idAndMessage('--to', 'a', '--kil-every', '2');
  assert.match(message, /--kil-every; did you mean --kill-every\?/);
});
