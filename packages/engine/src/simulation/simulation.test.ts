import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import { clusterMutants } from './cluster-mutants.ts';
import { mutants } from './mutants.ts';
import { plant, readSource } from './planted-copy.ts';
import { type GatewaysResult, runClusterSeed } from './run-cluster-seed.ts';
import { runSeed } from './run-seed.ts';

/*
 * Whole contests in simulated worlds full of faults; `npm run sim` runs as many as one likes. Here a
 * few fresh seeds and those that failed once.
 */
const freshSeeds = 80;

function keptSeeds(file: string): number[] {
  const text = readFileSync(new URL(file, import.meta.url), 'utf8');
  return (JSON.parse(text) as { seed: number }[]).map(({ seed }) => seed);
}

/** A world is worth something only where what it is to show happens: sums up how often it did. */
function addTo<Count extends string>(
  sums: Record<Count, number>,
  result: Readonly<Record<NoInfer<Count>, number>>,
): void {
  for (const count of Object.keys(sums) as Count[]) sums[count] += result[count];
}

describe('contests in simulated worlds', () => {
  test('keep every promise', async () => {
    const seeds = [
      ...keptSeeds('./seeds.json'),
      ...Array.from({ length: freshSeeds }, (_, index) => index + 1),
    ];
    let healed = 0;
    const sums = { withdrawn: 0, refused: 0, lastWords: 0 };
    const told = { final: 0, pending: 0, underWay: 0, unknown: 0, failed: 0 };
    for (const seed of seeds) {
      const found = await runSeed(seed);
      if ('failure' in found) {
        const { message, plan } = found.failure;
        assert.fail(`seed ${seed}: ${message}\n${plan}\nnpm run sim -- --seed ${seed}`);
      }
      if (found.result.end === 'healed') healed += 1;
      addTo(sums, found.result);
      addTo(told, found.result.told);
    }
    assert.ok(healed > seeds.length * 0.8, `only ${healed} of ${seeds.length} worlds healed`);
    const { withdrawn, refused, lastWords } = sums;
    assert.ok(withdrawn > seeds.length, `only ${withdrawn} commands were withdrawn`);
    assert.ok(refused > 20, `only ${refused} commands were refused`);
    assert.ok(lastWords > 10, `only ${lastWords} last words came from the archive`);
    for (const [answer, count] of Object.entries(told)) {
      assert.ok(count > 20, `only ${count} who asked were told: ${answer}`);
    }
  });

  test('a seed that is run again leaves the same trace', async () => {
    const [first, second] = [await runSeed(5, true), await runSeed(5, true)];
    assert.ok('result' in first && 'result' in second);
    assert.deepEqual(first, second);
    assert.ok(first.lines.length > 20);
  });
});

async function runCluster(seed: number): Promise<GatewaysResult> {
  const found = await runClusterSeed(seed);
  if ('result' in found) return found.result;
  assert.fail(`seed ${seed}: ${found.failure.message}\nnpm run sim:cluster -- --seed ${seed}`);
}

describe('clusters in simulated worlds', () => {
  test('that failed once keep every promise', async () => {
    for (const seed of keptSeeds('./cluster-seeds.json')) await runCluster(seed);
  });

  test('keep every promise to those who come by gateways and give up', async () => {
    const sums = { withdrawn: 0, refused: 0, givenUp: 0, heldBack: 0 };
    for (let seed = 1; seed <= 40; seed++) addTo(sums, await runCluster(seed));
    const { withdrawn, refused, givenUp, heldBack } = sums;
    assert.ok(withdrawn > 100, `only ${withdrawn} commands were withdrawn`);
    assert.ok(refused > 100, `only ${refused} commands were refused`);
    assert.ok(givenUp > 20, `only ${givenUp} records were given up`);
    assert.ok(heldBack > 20, `messages waited for the window only ${heldBack} times`);
  });

  test('are the same worlds for the same seeds', async () => {
    for (const seed of [1, 2, 3, 4]) {
      assert.deepEqual(await runClusterSeed(seed, true), await runClusterSeed(seed, true));
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
