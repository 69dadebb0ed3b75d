import { parentPort } from 'node:worker_threads';
import { runSeed } from './run-seed.ts';

/** Runs the seeds that come by message, one at a time, and answers with their results. */
parentPort!.on('message', (seed: number) => {
  void runSeed(seed).then((result) => parentPort!.postMessage(result));
});
