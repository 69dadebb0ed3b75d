import { closeSync, fdatasync, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemClock } from '../../clock.ts';
import { NodeDisk } from '../../storage/node-disk.ts';
import type { LogPartition } from '../log.ts';
import { openEmbeddedLog } from './embedded-log.ts';

/*
 * Run by hand: how fast records become durable, beside plain writes and syncs of the same sizes to the
 * same disk, and what the processor spends on it.
 */
const directory = mkdtempSync(join(tmpdir(), 'embedded-log-bench-'));

interface Load {
  readonly recordBytes: number;
  readonly records: number;
  /** Records appended and not yet durable at any time. */
  readonly inFlight: number;
}

const loads: readonly Load[] = [
  { recordBytes: 200, records: 3_000, inFlight: 1 },
  { recordBytes: 200, records: 500_000, inFlight: 1_000 },
  { recordBytes: 4_096, records: 60_000, inFlight: 256 },
  { recordBytes: 65_536, records: 8_000, inFlight: 64 },
];

function appendAll(partition: LogPartition, load: Load): Promise<void> {
  const record = new Uint8Array(load.recordBytes).fill(7);
  let appended = 0;
  let durable = 0;
  return new Promise((resolve, reject) => {
    const pump = () => {
      while (appended < load.records && appended - durable < load.inFlight) {
        appended += 1;
        partition.append('commands', record, (error) => {
          if (error) reject(error);
          durable += 1;
          if (durable === load.records) resolve();
          else if (appended - durable <= load.inFlight / 2) pump();
        });
      }
    };
    pump();
  });
}

/** The same bytes in plain writes of what is in flight at once, each followed by a sync. */
function writePlainly(load: Load): Promise<void> {
  const descriptor = openSync(join(directory, 'plain'), 'w');
  const bytes = new Uint8Array(load.recordBytes * load.inFlight).fill(7);
  let left = Math.ceil(load.records / load.inFlight);
  return new Promise((resolve, reject) => {
    const next = () => {
      if (left-- === 0) {
        closeSync(descriptor);
        resolve();
        return;
      }
      writeSync(descriptor, bytes);
      fdatasync(descriptor, (error) => (error ? reject(error) : next()));
    };
    next();
  });
}

async function measure(name: string, load: Load, run: () => Promise<void>): Promise<void> {
  const cpu = process.cpuUsage();
  const start = performance.now();
  await run();
  const seconds = (performance.now() - start) / 1000;
  const { user, system } = process.cpuUsage(cpu);
  const megabytes = (load.records * load.recordBytes) / 1e6;
  console.log(
    [
      name.padEnd(6),
      `${load.recordBytes} B × ${load.inFlight}`.padEnd(14),
      `${Math.round(load.records / seconds).toLocaleString('en')} records/s`.padStart(20),
      `${(megabytes / seconds).toFixed(0)} MB/s`.padStart(10),
      `${(user / load.records).toFixed(2)} µs user + ${(system / load.records).toFixed(2)} µs system per record`,
    ].join('  '),
  );
}

const log = openEmbeddedLog({
  ...{ directory: join(directory, 'log'), disk: new NodeDisk(), clock: systemClock },
  ...{ partitionCount: 1, dedupeWindow: 1024, newLogId: () => '0'.repeat(32) },
});
for (const load of loads) {
  await measure('plain', load, () => writePlainly(load));
  await measure('log', load, () => appendAll(log.partition(0), load));
}
await new Promise<void>((resolve) => log.close(() => resolve()));
rmSync(directory, { recursive: true });
