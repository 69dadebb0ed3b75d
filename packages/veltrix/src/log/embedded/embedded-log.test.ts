import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemClock } from '../../clock.ts';
import type { Disk } from '../../storage/disk.ts';
import { NodeDisk } from '../../storage/node-disk.ts';
import { SteppedWorld } from '../../storage/stepped-world.ts';
import { testLogContract } from '../log.contract.ts';
import type { Log } from '../log.ts';
import {
  contractIdentity,
  type LogHarness,
  type LogSettings,
} from '../log-contract/log-harness.contract.ts';
import { type EmbeddedLogOptions, openEmbeddedLog } from './embedded-log.ts';

const small = {
  ...contractIdentity,
  segmentBytes: 65_536,
  recordMaxBytes: 16_384,
  inflightMaxBytes: 1 << 20,
  newLogId: () => '0123456789abcdef0123456789abcdef',
};

/** A disk that can be full. */
class FullableDisk extends NodeDisk {
  full = false;

  override open(path: string, options: { readonly create?: boolean } = {}) {
    const file = super.open(path, options);
    const write = file.write.bind(file);
    file.write = (position, bytes) => {
      if (!this.full) return write(position, bytes);
      throw Object.assign(new Error('ENOSPC: write'), { code: 'ENOSPC', syscall: 'write' });
    };
    return file;
  }
}

function nodeHarness(): LogHarness {
  const directory = mkdtempSync(join(tmpdir(), 'embedded-log-'));
  const disk = new FullableDisk();
  const opened: Log[] = [];
  const until = async (condition: () => boolean) => {
    while (!condition()) await new Promise((resolve) => setImmediate(resolve));
  };
  return {
    open(settings: LogSettings = {}) {
      const log = openEmbeddedLog({ ...small, disk, directory, clock: systemClock, ...settings });
      opened.push(log);
      return log;
    },
    until,
    crash: () => {
      throw new Error('a process cannot lose power by itself');
    },
    fillDisk: () => {
      disk.full = true;
    },
    async dispose() {
      let open = opened.length;
      for (const log of opened) {
        log.close(() => {
          open -= 1;
        });
      }
      await until(() => open === 0);
      rmSync(directory, { recursive: true });
    },
  };
}

function simulatedHarness(): LogHarness {
  const world = new SteppedWorld(1);
  const options: EmbeddedLogOptions & { disk: Disk } = {
    ...small,
    disk: world.disk,
    clock: world.clock,
    directory: '/data/log',
  };
  world.disk.makeDirectory('/data');
  world.disk.syncDirectory('/');
  return {
    open: (settings = {}) => openEmbeddedLog({ ...options, ...settings }),
    until: async (condition) => world.until(condition),
    crash: () => world.crash(),
    fillDisk: () => {
      world.disk.fullAfterBytes = 0;
    },
    dispose: () => {},
  };
}

testLogContract('embedded on the real disk', nodeHarness, {
  skip: [
    {
      test: 'after a crash all that was durable is there, and nothing that was not appended',
      reason:
        'a test cannot cut the power; kill.test.ts kills a process, the simulated disk the power',
    },
  ],
});
testLogContract('embedded on the simulated disk', simulatedHarness);
