import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { type SharedLog, systemClock } from 'veltrix';
import { calmLog, SeededRandom, SimulatedLogCluster } from 'veltrix/simulator';
import { engineErrors } from '../errors.ts';
import { EventsSource } from './events-source.ts';

const identity = { logId: 'c'.repeat(32), partitionCount: 1, dedupeWindow: 1_024 };
const records = 3_000;

let cluster: SimulatedLogCluster;
let log: SharedLog;
/** Those that count, by offset: what the archive has. */
const archived = new Map<number, Uint8Array>();
let archivedEnd = 0;
let outage = false;
let asked = 0;

function decisions(commandOffset: number): Uint8Array {
  const view = new DataView(new ArrayBuffer(32));
  view.setUint8(0, 1);
  view.setUint8(1, 2);
  view.setBigUint64(24, BigInt(commandOffset), true);
  return new Uint8Array(view.buffer);
}

const archive = {
  async records(
    _partition: number,
    from: number,
    visit: (offset: number, bytes: Uint8Array) => void,
  ): Promise<number> {
    asked += 1;
    if (outage) {
      const details = { servers: 'nowhere', reason: 'outage' };
      throw engineErrors.create('engine-archive-unavailable', details);
    }
    const next = Math.min(Math.max(from, archivedEnd), from + 700);
    for (const [offset, bytes] of archived) {
      if (offset >= from && offset < next) visit(offset, bytes);
    }
    return next;
  },
};

before(async () => {
  const random = new SeededRandom(1);
  cluster = new SimulatedLogCluster({ clock: systemClock, random, identity });
  cluster.faults = { ...calmLog, delayMaxMs: 0 };
  log = cluster.connect({
    ...{ clock: systemClock, partitionCount: 1, dedupeWindow: 1_024 },
    ...{ appendTimeoutMs: 60_000, requestTimeoutMs: 60_000, inflightMaxBytes: 1 << 24 },
  });
  let appended = 0;
  for (let offset = 1; offset <= records; offset++) {
    const repeats = offset % 3 === 0;
    const bytes = decisions(repeats ? offset - 1 : offset);
    if (!repeats) archived.set(offset, bytes);
    log.partition(0).append('events', bytes, () => {
      appended += 1;
    });
  }
  while (appended < records) await pause(5);
  archivedEnd = 2_501;
});
after(() => log.close(() => {}));

const newSource = () => new EventsSource({ log: log.partition(0), archive, clock: systemClock });
const counting = () => [...archived.keys()];

/** Pauses and goes on now and then, as views that are full do. */
async function shown(source: EventsSource, from: number, story: string[] = []): Promise<number[]> {
  const offsets: number[] = [];
  let lastPause = 0;
  const subscription = source.follow(from, {
    record: (offset) => {
      offsets.push(offset);
      if (offsets.length - lastPause < 300) return;
      lastPause = offsets.length;
      subscription.pause();
      setImmediate(() => {
        assert.equal(offsets.length, lastPause, 'nothing while paused');
        subscription.resume();
      });
    },
    interrupted: (error) => story.push(error ? 'interrupted' : 'again'),
    ended: (error) => story.push(`ended ${(error as { id?: string }).id}`),
  });
  while (offsets.at(-1) !== counting().at(-1) && !story.at(-1)?.startsWith('ended')) {
    await pause(5);
  }
  subscription.stop();
  return offsets;
}

test('while the log has all, the archive is not asked', async () => {
  assert.deepEqual(await shown(newSource(), 1), counting());
  assert.equal(asked, 0);
});

test('what the log has no longer comes from the archive, then the log goes on, without a gap', async () => {
  const source = newSource();
  // Follows from the beginning, is lost, and begins anew after the log was cut.
  await shown(source, 1);
  await new Promise<void>((resolve) =>
    log.partition(0).retainFrom('events', 2_400, () => resolve()),
  );
  const { start } = cluster.bounds(0, 'events');
  assert.ok(start > 1 && start <= 2_400, `${start}`);
  for (const [from, one] of [
    [1, source],
    [start - 1, source],
    [1, newSource()],
    [700, newSource()],
    [2_500, newSource()],
  ] as const) {
    const expected = counting().filter((offset) => offset >= from);
    assert.deepEqual(await shown(one, from), expected, `from ${from}`);
  }
});

test('an archive that is away is waited for, and one that lacks records is named', async () => {
  outage = true;
  const story: string[] = [];
  const reading = shown(newSource(), 1, story);
  while (story.length === 0) await pause(5);
  outage = false;
  assert.deepEqual(await reading, counting());
  assert.deepEqual(story, ['interrupted', 'again']);
  archivedEnd = 100;
  const lost: string[] = [];
  await shown(newSource(), 1, lost);
  assert.deepEqual(lost, ['ended veltrix-log-offset-gone']);
});
