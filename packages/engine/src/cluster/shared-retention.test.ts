import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { systemClock } from 'veltrix';
import { engineErrors } from '../errors.ts';
import type { RetainQuery } from './cluster-messages.ts';
import { SharedRetention } from './shared-retention.ts';

test('asks owners to cut below the archive, tells of each cut once, and warns of what is held back', async () => {
  const asked: RetainQuery[] = [];
  const retained: [number, number][] = [];
  const problems: Error[] = [];
  let held = 0;
  let away = false;
  const retention = new SharedRetention({
    ...{ partitionCount: 2, clock: systemClock, keepBytes: 1_000, intervalMs: 1 },
    archive: {
      archivedEnd: async (partition) => {
        if (!away) return 100 + partition;
        const details = { servers: 'cassandra:9042', reason: 'refused' };
        throw engineErrors.create('engine-archive-unavailable', details);
      },
    },
    owners: {
      ask: async (query) => {
        const wish = query as RetainQuery;
        asked.push(wish);
        return { eventsFrom: Math.max(0, wish.neededFrom - 9), heldBytes: held };
      },
    },
    onRetained: (...cut) => retained.push(cut),
    onProblem: (error) => problems.push(error),
  });
  while (asked.length < 6) await pause(1);
  const query = { ask: 'retain', partition: 1, neededFrom: 100, keepBytes: 1_000 };
  assert.deepEqual(asked[1], query);
  assert.deepEqual(retained, [
    [0, 90],
    [1, 91],
  ]);
  assert.deepEqual(problems, []);
  [away, held] = [true, 70 << 20];
  while (problems.length < 4) await pause(1);
  await retention.close();
  assert.equal(asked.at(-1)!.neededFrom, 0);
  const last = problems.at(-1) as Error | undefined;
  assert.match(`${last?.message}`, /73400320 bytes.*cassandra:9042.*engine-log-held-back/s);
  const { length } = asked;
  await pause(20);
  assert.equal(asked.length, length);
});
