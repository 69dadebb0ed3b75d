import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Property } from './property.ts';
import { formatValue, readValue } from './property-value.ts';

const said = { text: 'A property.', why: 'For tests.' };
const wait: Property = { ...said, type: 'duration', default: 5, least: 1, most: 60_000 };
const size: Property = { ...said, type: 'bytes', default: 4096, least: 0, most: 1e15 };
const block: Property = { ...size, multipleOf: 4096 };
const share: Property = { ...said, type: 'ratio', default: 0.5, least: 0, most: 1 };
const count: Property = { ...said, type: 'integer', default: 1, least: -5, most: 1_000_000 };
const level: Property = { ...said, type: 'choice', default: 'info', choices: ['info', 'warn'] };
const roles: Property = { ...said, type: 'list', default: [], choices: ['gateway', 'views'] };
const name: Property = {
  ...{ ...said, type: 'text', default: 'hunt', form: /^[a-z]+$/, formText: 'lower-case letters' },
};
const key: Property = { ...said, type: 'secret', default: '' };
const truth: Property = { ...said, type: 'boolean', default: false };

for (const [property, raw, value] of [
  [wait, '250ms', 250],
  [wait, '2s', 2_000],
  [wait, '0.5 s', 500],
  [wait, '1m', 60_000],
  [wait, 250, 250],
  [wait, '1_000', 1_000],
  [wait, '0.1s', 100],
  [wait, '1.005s', 1_005],
  [size, '64MiB', 64 << 20],
  [size, '64mib', 64 << 20],
  [size, '1kB', 1_000],
  [size, '1PB', 1e15],
  [size, '1e6', 1e6],
  [size, 0, 0],
  [share, '25%', 0.25],
  [share, 0.3, 0.3],
  [count, '-5', -5],
  [level, 'warn', 'warn'],
  [roles, 'gateway, views', ['gateway', 'views']],
  [roles, ['views'], ['views']],
  [roles, '', []],
  [name, 'abc', 'abc'],
  [key, 'env:PASSWORD', 'env:PASSWORD'],
  [key, 'file:/run/secret', 'file:/run/secret'],
  [truth, 'true', true],
  [truth, false, false],
] as const) {
  test(`${property.type} takes ${JSON.stringify(raw)}`, () => {
    assert.deepEqual(readValue(property, raw), { value });
  });
}

for (const [property, raw, problem] of [
  [wait, '0', /it is a duration from 1ms to 1m$/],
  [wait, '2m', /a duration from/],
  [wait, '5MiB', /"MiB" is no unit of it; its units are ms, s, m, h, d/],
  [wait, '1.5ms', /1\.5 is not whole/],
  [wait, 'soon', /a duration/],
  [wait, '', /a duration/],
  [wait, true, /a duration/],
  [wait, Number.NaN, /a duration/],
  [wait, [1], /a duration/],
  [size, '1.5', /a size from 0B to 1PB, and 1\.5 is not whole/],
  [size, '250ms', /"ms" is no unit of it; its units are B, KiB/],
  [block, '5000', /a multiple of 4KiB/],
  [share, '101%', /a ratio from 0 to 1/],
  [count, '5s', /it has no unit/],
  [level, 'wran', /one of info, warn; did you mean warn\?/],
  [roles, 'gatway', /some of gateway, views; did you mean gateway\?/],
  [roles, [''], /a list of texts/],
  [roles, 7, /a list, or a text with commas/],
  [name, 'a b', /it is lower-case letters/],
  [name, 7, /a text; put it in quotes/],
  [key, 'hunter2', /a reference to the secret/],
  [truth, 'yes', /true or false/],
] as const) {
  test(`${property.type} refuses ${JSON.stringify(raw)}`, () => {
    const read = readValue(property, raw);
    assert.ok('problem' in read, JSON.stringify(read));
    assert.match(read.problem, problem);
  });
}

test('values are written in the unit that makes them short, and read back the same', () => {
  for (const [property, value, text] of [
    [wait, 250, '250ms'],
    [wait, 5_000, '5s'],
    [wait, 0, '0ms'],
    [size, 64 << 20, '64MiB'],
    [size, 1_000_000, '1MB'],
    [size, 0, '0B'],
    [roles, ['a', 'b'], 'a,b'],
    [share, 0.25, '0.25'],
  ] as const) {
    assert.equal(formatValue(property, value), text);
  }
});
