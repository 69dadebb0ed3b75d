import assert from 'node:assert/strict';
import { test } from 'node:test';
import { since, threadSeconds } from './thread-seconds.ts';

const skip = process.platform === 'linux' ? false : 'only Linux tells the time of threads';

test('work on the main thread is that of the main thread', { skip }, () => {
  const before = threadSeconds(process.pid);
  const own = process.threadCpuUsage();
  while (process.threadCpuUsage(own).user < 50_000);
  const { main, fold, archive } = since(before, threadSeconds(process.pid));
  assert.ok(main > 0.04, `${main}`);
  assert.deepEqual([fold, archive], [0, 0]);
});

test('a process that is not told of is an error by name', () => {
  assert.throws(() => threadSeconds(2 ** 30), { id: 'sizing-calibration-unsupported' });
});
