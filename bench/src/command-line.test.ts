import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { benches } from './benches.ts';
import { list, parse, table } from './command-line.ts';

const memory = benches.find(({ name }) => name === 'memory')!;

describe('command line', () => {
  it('lists what there is', () => {
    for (const { name } of benches) assert.match(list(benches), new RegExp(`^ {2}${name} `, 'm'));
  });

  it('takes sizes, and the defaults of what is not given', () => {
    const flags = parse(memory, ['--players', '12', '--json', '--runs', '3']);
    assert.deepEqual(flags.sizes, { ...memory.sizes, players: 12 });
    assert.deepEqual([flags.runs, flags.json], [3, true]);
    assert.equal(parse(memory, []).runs, 1);
  });

  it('refuses a size that the bench does not have, and one that is no whole number', () => {
    for (const args of [['--seconds', '3'], ['--players', 'x'], ['--players', '-1'], ['more']]) {
      assert.throws(() => parse(memory, args));
    }
  });

  it('shows a member a line', () => {
    const shown = { name: 'x', value: 1, unit: 's', reference: 'limit', referenceValue: 2 };
    const text = table({ ...shown, ratio: 0.5, met: true, tried: [1, 2] });
    assert.match(text, /^value +1$/m);
    assert.match(text, /^tried +\[1,2\]$/m);
  });
});
