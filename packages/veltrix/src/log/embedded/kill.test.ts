import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { test } from 'node:test';
import { systemClock } from '../../clock.ts';
import type { CodedError } from '../../coded-error.ts';
import { NodeDisk } from '../../storage/node-disk.ts';
import { recordOf } from '../log-contract/log-harness.contract.ts';
import { openEmbeddedLog } from './embedded-log.ts';

const href = (file: string) => JSON.stringify(new URL(file, import.meta.url).href);

/** Appends records without end and prints the offset of each once it is durable. */
const writer = (directory: string) => `
  import { systemClock } from ${href('../../clock.ts')};
  import { NodeDisk } from ${href('../../storage/node-disk.ts')};
  import { recordOf } from ${href('../log-contract/log-harness.contract.ts')};
  import { openEmbeddedLog } from ${href('embedded-log.ts')};
  const log = openEmbeddedLog({
    directory: ${JSON.stringify(directory)}, disk: new NodeDisk(), clock: systemClock,
    partitionCount: 1, dedupeWindow: 16, newLogId: () => '0'.repeat(32),
    segmentBytes: 262144, recordMaxBytes: 16384,
  });
  const partition = log.partition(0);
  const append = () => {
    const offset = partition.end('commands');
    partition.append('commands', recordOf(offset, 1000 + (offset % 7) * 500), () => {
      console.log(String(offset));
      append();
    });
  };
  for (let caller = 0; caller < 8; caller++) append();
`;

test('a process that is killed again and again loses nothing it acknowledged', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'embedded-log-kill-'));
  const disk = new NodeDisk();
  const options = { directory, disk, clock: systemClock, newLogId: () => '' };
  const recordMaxBytes = 16_384;
  const children: ChildProcess[] = [];
  try {
    let acknowledged = 0;
    for (let round = 0; round < 3; round++) {
      const child = spawn(process.execPath, ['--input-type=module', '--eval', writer(directory)], {
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      children.push(child);
      const exited = once(child, 'exit');
      const goal = acknowledged + 300;
      for await (const line of createInterface({ input: child.stdout })) {
        acknowledged = Math.max(acknowledged, Number(line));
        if (acknowledged < goal || child.killed) continue;
        assert.throws(
          () => openEmbeddedLog(options),
          (error) => (error as CodedError).id === 'veltrix-log-locked',
        );
        child.kill('SIGKILL');
      }
      await exited;
      const log = openEmbeddedLog({ ...options, recordMaxBytes });
      const partition = log.partition(0);
      assert.ok(partition.durableEnd('commands') > acknowledged);
      let next = 1;
      while (next < partition.durableEnd('commands')) {
        next = partition.read('commands', next, 65_536, (offset, bytes) => {
          assert.deepEqual(bytes.slice(), recordOf(offset, 1000 + (offset % 7) * 500));
        });
      }
      await new Promise<void>((resolve, reject) => {
        log.close((error) => (error ? reject(error) : resolve()));
      });
    }
  } finally {
    for (const child of children) child.kill('SIGKILL');
    rmSync(directory, { recursive: true });
  }
});
