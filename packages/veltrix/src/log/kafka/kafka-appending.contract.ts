import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import type { CodedError } from '../../coded-error.ts';
import type { SharedLog } from '../shared-log.ts';
import { openKafkaSharedLog } from './kafka-shared-log.ts';

/*
 * Aim: whatever happens to brokers while several processes append, what was acknowledged is in the log
 * at the offset that was told, the records of a process keep their order, and a follower sees it all.
 * Method: three processes append numbered records to all partitions all the time; a broker is killed
 * and restarted, or frozen and woken, meanwhile.
 */
const appenders = 3;
/** Three: each of three brokers leads one. */
const partitions = 3;
/** Of each process on each partition. */
const atOnce = 5;
const paceMs = 5;

interface Told {
  readonly appender: number;
  readonly partition: number;
  readonly number: number;
  readonly offset: number;
}

/** Waits for what brokers do by themselves. */
export async function until(condition: () => boolean, what = 'it happens'): Promise<void> {
  const deadline = performance.now() + 60_000;
  while (!condition()) {
    if (performance.now() > deadline) throw new Error(`within a minute, not: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

function recordOf(appender: number, number: number): Uint8Array {
  const record = new Uint8Array(64);
  const view = new DataView(record.buffer);
  view.setUint32(0, appender);
  view.setUint32(4, number);
  return record;
}

/** Appends one record after another, some at a time, until stopped. */
class Appending {
  readonly told: Told[] = [];
  readonly errors: CodedError[] = [];
  #stopped = false;
  #underWay = 0;

  constructor(log: SharedLog, appender: number, partition: number) {
    let number = 0;
    const next = () => {
      if (this.#stopped) return;
      const mine = number++;
      this.#underWay += 1;
      log.partition(partition).append('commands', recordOf(appender, mine), (error, offset) => {
        this.#underWay -= 1;
        if (error) this.errors.push(error as CodedError);
        else this.told.push({ appender, partition, number: mine, offset });
        // Leaves the processors to brokers that start.
        setTimeout(next, paceMs);
      });
    };
    for (let count = 0; count < atOnce; count++) next();
  }

  abandon(): void {
    this.#stopped = true;
  }

  async stop(): Promise<void> {
    this.abandon();
    await until(() => this.#underWay === 0, 'every append is answered');
  }
}

/** Runs `disturb` under appends, and checks what came of them. */
export async function runThrough(
  bootstrap: string[],
  replication: number,
  disturb: (progress: () => Promise<void>) => Promise<void>,
  requestTimeoutMs = 1_000,
): Promise<void> {
  const prefix = `kill-${randomBytes(6).toString('hex')}`;
  const logs = await Promise.all(
    Array.from({ length: appenders }, () =>
      openKafkaSharedLog({
        ...{ bootstrap, prefix, replication, partitionCount: partitions, dedupeWindow: 1024 },
        requestTimeoutMs,
        // A broker is long in starting where the machine is busy.
        appendTimeoutMs: 120_000,
      }),
    ),
  );
  const all: Appending[] = [];
  try {
    const shown = Array.from({ length: partitions }, () => new Map<number, readonly number[]>());
    for (const [partition, records] of shown.entries()) {
      let last = 0;
      logs[0]!.partition(partition).follow('commands', 1, {
        record: (offset, bytes) => {
          assert.ok(offset > last, `${offset} after ${last}`);
          last = offset;
          const view = new DataView(bytes.buffer, bytes.byteOffset);
          records.set(offset, [view.getUint32(0), view.getUint32(4)]);
        },
        ended: (error) => assert.equal((error as CodedError).id, 'veltrix-log-closed'),
      });
    }
    for (const [appender, log] of logs.entries()) {
      for (const partition of shown.keys()) all.push(new Appending(log, appender, partition));
    }
    const progress = async () => {
      const before = all.map(({ told }) => told.length);
      await until(
        () => all.every(({ told }, index) => told.length > before[index]! + 50),
        'every process appends',
      );
    };
    await progress();
    await disturb(progress);
    await progress();
    await Promise.all(all.map((appending) => appending.stop()));
    for (const { told, errors } of all) {
      assert.deepEqual(errors, []);
      const { partition } = told[0]!;
      const highest = told.at(-1)!.offset;
      await until(() => shown[partition]!.has(highest), 'the follower sees the last record');
      for (const [index, { appender, number, offset }] of told.entries()) {
        assert.equal(number, index, 'answers come in order');
        assert.ok(index === 0 || offset > told[index - 1]!.offset, 'offsets grow');
        assert.deepEqual(shown[partition]!.get(offset), [appender, number]);
      }
      const own = [...shown[partition]!.values()].filter(([by]) => by === told[0]!.appender);
      const firsts = [...new Set(own.map(([, number]) => number))];
      assert.deepEqual(
        firsts,
        told.map(({ number }) => number),
        'first seen in order',
      );
    }
  } finally {
    for (const appending of all) appending.abandon();
    for (const log of logs) log.close(() => {});
  }
}
