import assert from 'node:assert/strict';
import { getPriority } from 'node:os';
import { test } from 'node:test';
import { Worker } from 'node:worker_threads';

const skip = process.platform !== 'linux' && 'only Linux gives threads priorities of their own';

test('a thread that yields to the others goes behind them, and they stay where they were', {
  skip,
}, async () => {
  const before = getPriority();
  const module = new URL('./thread-priority.ts', import.meta.url).href;
  const worker = new Worker(
    `import { getPriority } from 'node:os';
     import { readlinkSync } from 'node:fs';
     import { parentPort } from 'node:worker_threads';
     import { yieldToOtherThreads } from ${JSON.stringify(module)};
     yieldToOtherThreads();
     parentPort.postMessage(getPriority(Number(readlinkSync('/proc/thread-self').split('/').at(-1))));`,
    { eval: true, execArgv: ['--input-type=module'] },
  );
  const priority = await new Promise((resolve, reject) => {
    worker.once('message', resolve).once('error', reject);
  });
  assert.ok((priority as number) > before);
  assert.equal(getPriority(), before);
});
