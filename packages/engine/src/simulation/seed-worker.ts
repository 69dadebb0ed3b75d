import { parentPort, workerData } from 'node:worker_threads';
import { runClusterSeed } from './run-cluster-seed.ts';
import { runSeed } from './run-seed.ts';
import type { WorldName } from './seed-pool.ts';

const { world } = workerData as { readonly world: WorldName };

/** Runs the seeds that come by message, one at a time, and answers with their results. */
parentPort!.on('message', (seed: number) => {
  const run = world === 'cluster' ? runClusterSeed(seed) : runSeed(seed);
  void run.then((result) => parentPort!.postMessage(result));
});
