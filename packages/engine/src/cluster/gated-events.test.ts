import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { type SharedLog, systemClock } from 'veltrix';
import { calmLog, SeededRandom, SimulatedLogCluster } from 'veltrix/simulator';
import { GatedEvents } from './gated-events.ts';

const identity = { logId: 'a'.repeat(32), partitionCount: 1, dedupeWindow: 1_024 };
const records = 10_000;

let log: SharedLog;
/** Offsets of those that count. */
const counting: number[] = [];

/** Decides the command at `commandOffset`. */
function decisions(commandOffset: number): Uint8Array {
  const view = new DataView(new ArrayBuffer(32));
  view.setUint8(0, 1);
  view.setUint8(1, 2);
  view.setBigUint64(24, BigInt(commandOffset), true);
  return new Uint8Array(view.buffer);
}

before(async () => {
  const random = new SeededRandom(1);
  const cluster = new SimulatedLogCluster({ clock: systemClock, random, identity });
  cluster.faults = { ...calmLog, delayMaxMs: 0 };
  log = cluster.connect({
    ...{ clock: systemClock, partitionCount: 1, dedupeWindow: 1_024 },
    ...{ appendTimeoutMs: 60_000, requestTimeoutMs: 60_000, inflightMaxBytes: 1 << 24 },
  });
  let appended = 0;
  for (let offset = 1; offset <= records; offset++) {
    // Every third one repeats the one before it, and does not count.
    const repeats = offset % 3 === 0;
    if (!repeats) counting.push(offset);
    log.partition(0).append('events', decisions(repeats ? offset - 1 : offset), (error) => {
      assert.equal(error, undefined);
      appended += 1;
    });
  }
  while (appended < records) await pause(5);
});
after(() => log.close(() => {}));

async function shown(events: GatedEvents, from: number): Promise<number[]> {
  const offsets: number[] = [];
  const subscription = events.follow(from, {
    record: (offset) => offsets.push(offset),
    ended: (error) => assert.fail(error),
  });
  while (offsets.at(-1) !== counting.at(-1)) await pause(5);
  subscription.stop();
  return offsets;
}

test('what does not count is not shown', async () => {
  assert.deepEqual(await shown(new GatedEvents(log.partition(0)), 1), counting);
});

test('reading begins anywhere after a record that counted, and later anywhere at all', async () => {
  const events = new GatedEvents(log.partition(0));
  // The record after 8,000 repeats it: a gate that knew nothing would let it through.
  for (const from of [8_001, 8_002, 9_000, 4_000, 1]) {
    const expected = counting.filter((offset) => offset >= from);
    assert.deepEqual(await shown(events, from), expected, `from ${from}`);
  }
});

test('a position that somebody else knows is gone on from', async () => {
  const events = new GatedEvents(log.partition(0));
  events.know(6_000, { epoch: 0, sequence: 0, decidedOffset: 5_999 });
  assert.deepEqual(
    await shown(events, 6_000),
    counting.filter((offset) => offset >= 6_000),
  );
});
