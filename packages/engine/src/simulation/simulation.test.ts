import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import { clusterMutants } from './cluster-mutants.ts';
import { mutants } from './mutants.ts';
import { plant, readSource } from './planted-copy.ts';
import { runClusterSeed } from './run-cluster-seed.ts';
import { runSeed } from './run-seed.ts';

/*
 * Whole contests in simulated worlds full of faults; `npm run sim` runs as many as one likes. Here a
 * few fresh seeds and those that failed once.
 */
const freshSeeds = 80;

function keptSeeds(): number[] {
  const text = readFileSync(new URL('./seeds.json', import.meta.url), 'utf8');
  return (JSON.parse(text) as { seed: number }[]).map(({ seed }) => seed);
}

describe('contests in simulated worlds', () => {
  test('keep every promise', async () => {
    const seeds = [...keptSeeds(), ...Array.from({ length: freshSeeds }, (_, index) => index + 1)];
    let healed = 0;
    let withdrawn = 0;
    for (const seed of seeds) {
      const found = await runSeed(seed);
      if ('failure' in found) {
        const { message, plan } = found.failure;
        assert.fail(`seed ${seed}: ${message}\n${plan}\nnpm run sim -- --seed ${seed}`);
      }
      if (found.result.end === 'healed') healed += 1;
      withdrawn += found.result.withdrawn;
    }
    assert.ok(healed > seeds.length * 0.8, `only ${healed} of ${seeds.length} worlds healed`);
    assert.ok(withdrawn > seeds.length, `only ${withdrawn} commands were withdrawn`);
  });

  test('a seed that is run again leaves the same trace', async () => {
    const [first, second] = [await runSeed(5, true), await runSeed(5, true)];
    assert.ok('result' in first && 'result' in second);
    assert.deepEqual(first, second);
    assert.ok(first.lines.length > 20);
  });
});

describe('clusters in simulated worlds', () => {
  test('that failed once keep every promise', async () => {
    const text = readFileSync(new URL('./cluster-seeds.json', import.meta.url), 'utf8');
    for (const { seed } of JSON.parse(text) as { seed: number }[]) {
      const found = await runClusterSeed(seed);
      if ('failure' in found) {
        assert.fail(
          `seed ${seed}: ${found.failure.message}\nnpm run sim:cluster -- --seed ${seed}`,
        );
      }
    }
  });
});

describe('planted bugs', () => {
  for (const mutant of [...mutants, ...clusterMutants]) {
    test(`${mutant.name} can still be planted`, () => {
      assert.notEqual(plant(readSource(mutant.file), mutant), readSource(mutant.file));
    });
  }

  test('a mutant whose line is gone is stale', () => {
    const gone = { name: 'gone', file: 'f.ts', find: 'b();', replace: '', why: '' };
    assert.throws(() => plant('a();\n', gone), /gone is stale/);
    assert.throws(() => plant('b();\nb();\n', gone), /2 times/);
  });
});
