import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type SharedLog, systemClock } from 'veltrix';
import type { RoleShares } from 'veltrix/cluster';
import { calmLog, SeededRandom, SimulatedLogCluster } from 'veltrix/simulator';
import type { Archive } from '../archive/archive.ts';
import { until } from '../testing/until.ts';
import { ArchiverRole } from './archiver-role.ts';

const identity = { logId: 'a'.repeat(32), partitionCount: 2, dedupeWindow: 1_024 };

/** Decides the command at `commandOffset`. */
function decisions(commandOffset: number): Uint8Array {
  const view = new DataView(new ArrayBuffer(32));
  view.setUint8(0, 1);
  view.setUint8(1, 2);
  view.setBigUint64(24, BigInt(commandOffset), true);
  return new Uint8Array(view.buffer);
}

/** What all processes see: offsets by partition, and how often each was written. */
class SharedArchive {
  readonly written = [new Map<number, number>(), new Map<number, number>()];
  isAway = false;

  connect(): Archive {
    const nextOffset = async (partition: number) => {
      if (this.isAway) throw new Error('away');
      return Math.max(0, ...this.written[partition]!.keys()) + 1;
    };
    return {
      nextOffset,
      append: async (partition, records) => {
        for (const { offset } of records) {
          const { [partition]: rows } = this.written;
          rows!.set(offset, (rows!.get(offset) ?? 0) + 1);
        }
      },
      events: async () => [],
      decision: async () => undefined,
      close: async () => {},
    };
  }
}

test('partitions are archived by whoever has them; one that comes back goes on where the other was', async () => {
  const cluster = new SimulatedLogCluster({
    ...{ clock: systemClock, random: new SeededRandom(1), identity },
  });
  cluster.faults = { ...calmLog, delayMaxMs: 0 };
  const open = (): SharedLog =>
    cluster.connect({
      ...{ clock: systemClock, partitionCount: 2, dedupeWindow: 1_024 },
      ...{ appendTimeoutMs: 60_000, requestTimeoutMs: 60_000, inflightMaxBytes: 1 << 24 },
    });
  const [log, other] = [open(), open()];
  const decided = [0, 0];
  const decide = (partition: number, count: number) => {
    for (let left = count; left > 0; left--) {
      decided[partition] = (decided[partition] ?? 0) + 1;
      log.partition(partition).append('events', decisions(decided[partition]!), () => {});
    }
  };
  const archive = new SharedArchive();
  let shares: RoleShares = ['a', 'b'];
  const listeners: (() => void)[] = [];
  const board = { sharesOf: () => shares, onChange: (one: () => void) => void listeners.push(one) };
  const share = (next: RoleShares) => {
    shares = next;
    for (const listener of listeners) listener();
  };
  const begun: string[] = [];
  const start = (node: string, from: SharedLog) =>
    new ArchiverRole({
      ...{ log: from, archive: archive.connect(), clock: systemClock, board, node },
      batchMaxBytes: 1 << 16,
      onBegun: (partition) => begun.push(`${node}${partition}`),
      onStopped: (_partition, error) => assert.fail(error),
    });
  const has = (partition: number) => archive.written[partition]!.size;
  const one = start('a', log);
  const two = start('b', other);
  decide(0, 100);
  decide(1, 50);
  await until(() => has(0) === 100 && has(1) === 50, 'each archives its own');
  share(['b', 'b']);
  decide(0, 100);
  await until(() => has(0) === 200, 'the other one takes over');
  // The archive is away while the partition comes back.
  archive.isAway = true;
  share(['a', 'b']);
  decide(0, 100);
  archive.isAway = false;
  await until(() => has(0) === 300, 'it comes back');
  share([undefined, 'b']);
  decide(0, 1);
  decide(1, 1);
  await until(() => has(1) === 51, 'the rest goes on');
  assert.equal(has(0), 300);
  assert.deepEqual(begun, ['a0', 'b1', 'b0', 'a0']);
  for (const rows of archive.written) {
    assert.deepEqual(
      [...rows.keys()],
      Array.from(rows, (_, index) => index + 1),
    );
    for (const times of rows.values()) assert.equal(times, 1);
  }
  await one.close();
  await two.close();
  for (const opened of [log, other]) opened.close(() => {});
});
