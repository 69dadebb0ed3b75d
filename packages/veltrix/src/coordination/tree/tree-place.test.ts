import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { type Clock, systemClock } from '../../clock.ts';
import { MemoryTree } from '../memory/memory-tree.ts';
import { TreeConfigSource } from './tree-config-source.ts';
import { TreeCoordinator } from './tree-coordinator.ts';
import { documentMaxBytes, TreePlace } from './tree-place.ts';
import { TreeServer } from './tree-server.ts';
import { defaultTreeTimings } from './tree-timings.ts';

/** The system's clock; `waiting` counts its timers that are not over. */
function countedClock() {
  const waiting = new Set<() => void>();
  const clock: Clock = {
    ...systemClock,
    after(delayMs, task) {
      const cancelTimer = systemClock.after(delayMs, () => {
        waiting.delete(cancel);
        task();
      });
      const cancel = () => {
        waiting.delete(cancel);
        cancelTimer();
      };
      waiting.add(cancel);
      return cancel;
    },
  };
  return { clock, waiting };
}

for (const closer of ['coordinator', 'config'] as const) {
  test(`who shares a place keeps no process alive once the ${closer} is closed`, async (t) => {
    const { clock, waiting } = countedClock();
    t.after(() => {
      for (const cancel of waiting) cancel();
    });
    const place = new TreePlace({
      ...{ tree: new MemoryTree(new TreeServer(() => clock.now()), clock), clock },
      ...{ plan: { logId: 'c'.repeat(32), partitionCount: 4, dedupeWindow: 1 << 18 } },
      ...{ timings: defaultTreeTimings, name: 'memory:' },
      ...{ documentMaxBytes, clockSkewMaxMs: Number.POSITIVE_INFINITY },
    });
    const ports = {
      coordinator: new TreeCoordinator(place, 'instance'),
      config: new TreeConfigSource(place),
    };
    await Promise.all([
      new Promise((changed) => ports.config.watch('key', { changed })),
      new Promise((changed) => ports.coordinator.watchAssignment({ changed })),
    ]);
    await nextTurn();
    assert.equal(waiting.size, 2, 'each looks again later');
    await new Promise<void>((resolve) => ports[closer].close(resolve));
    assert.equal(waiting.size, 0);
  });
}
