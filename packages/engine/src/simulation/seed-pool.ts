import { Worker } from 'node:worker_threads';
import type { ClusterSeedResult } from './run-cluster-seed.ts';
import type { SeedResult } from './run-seed.ts';

/** One process with its disk, or many with a log that they share. */
export type WorldName = 'contest' | 'cluster';

/** Runs seeds on threads until all are done or `onResult` says to stop; results come in any order. */
export function runSeeds(
  world: WorldName,
  seeds: readonly number[],
  threads: number,
  onResult: (result: SeedResult | ClusterSeedResult) => 'go-on' | 'stop',
): Promise<void> {
  const workers = Array.from(
    { length: Math.min(threads, seeds.length) },
    () => new Worker(new URL('./seed-worker.ts', import.meta.url), { workerData: { world } }),
  );
  let next = 0;
  let running = workers.length;
  return new Promise<void>((resolve, reject) => {
    const feed = (worker: Worker) => {
      if (next < seeds.length) worker.postMessage(seeds[next++]);
      else if (--running === 0) resolve();
    };
    for (const worker of workers) {
      worker.on('message', (result: SeedResult | ClusterSeedResult) => {
        if (onResult(result) === 'stop') resolve();
        else feed(worker);
      });
      worker.on('error', reject);
      feed(worker);
    }
  }).finally(() => Promise.all(workers.map((worker) => worker.terminate())));
}
