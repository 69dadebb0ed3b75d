import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { type KneeStep, searchKnee } from './knee-search.ts';

const settings = { from: 50, most: 100_000, stepMs: 1_000, precision: 0.1 };

/** A server that holds up to a rate, and a generator that keeps up to another. */
function machine(server: number, generator = Number.POSITIVE_INFINITY) {
  return async (perSecond: number): Promise<KneeStep> => {
    const holds = perSecond <= server;
    return {
      ...{ offered: perSecond, decided: Math.min(perSecond, server), p50Ms: 1 },
      ...{ p99Ms: holds ? 10 : 900, failedShare: 0, holds, isSaturated: perSecond > generator },
      reason: holds ? '' : 'p99 is 900 ms, wanted 100 ms',
    };
  };
}

test('it finds the knee wherever it lies, as closely as asked', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.double({ min: 2, max: 90_000, noNaN: true }),
      fc.double({ min: 0.02, max: 0.5, noNaN: true }),
      async (server, precision) => {
        const { perSecond, breaksAt, limit, steps } = await searchKnee(
          { ...settings, precision },
          machine(server),
        );
        assert.equal(limit, 'server');
        assert.ok(perSecond! <= server && breaksAt! > server);
        assert.ok(breaksAt! / perSecond! <= 1 + precision + 1e-9);
        assert.ok(steps.length <= 40);
      },
    ),
    { numRuns: 100 },
  );
});

test('where the generator ends first, it says so and names no knee of the server', async () => {
  const { limit, perSecond, sentence } = await searchKnee(settings, machine(5_000, 1_000));
  assert.equal(limit, 'generator');
  assert.ok(perSecond! > 850 && perSecond! <= 1_000);
  assert.match(sentence, /^The generator is saturated at .* the server's knee is .* or more/);
});

test('no knee up to the highest rate, and none at all', async () => {
  const most = await searchKnee({ ...settings, most: 700 }, machine(5_000));
  assert.deepEqual([most.limit, most.perSecond, most.breaksAt], ['most', 700, null]);
  assert.deepEqual(
    most.steps.map(({ offered }) => offered),
    [50, 100, 200, 400, 700],
  );
  const none = await searchKnee(settings, machine(0));
  assert.deepEqual([none.limit, none.perSecond], ['server', null]);
  assert.match(none.sentence, /^Not even 1\/s holds/);
});

test('one bad second is no knee', async () => {
  let count = 0;
  const server = machine(1_000);
  const { perSecond } = await searchKnee(settings, async (rate) => {
    const step = await server(rate);
    count += 1;
    return count === 2 ? { ...step, holds: false } : step;
  });
  assert.ok(perSecond! > 850);
});
