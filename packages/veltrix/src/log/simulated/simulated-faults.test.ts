import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { CodedError } from '../../coded-error.ts';
import { EventQueue } from '../../simulator/event-queue.ts';
import { SeededRandom } from '../../simulator/seeded-random.ts';
import { SimulatedClock } from '../../simulator/simulated-clock.ts';
import type { SharedPartition } from '../shared-log.ts';
import { SimulatedLogCluster } from './simulated-log-cluster.ts';

/*
 * Aim: with everything going wrong that the model knows, it keeps what the port promises, breaks what the port
 * leaves open (else it would be too kind to be of use), and the same seed gives the same log.
 */
const processes = 3;
const recordsEach = 60;

interface Outcome {
  readonly log: readonly (readonly [number, number])[];
  readonly repeated: number;
  readonly unanswered: number;
  readonly unansweredButThere: number;
}

/** Process and number in one word. */
const recordOf = (process: number, number: number) =>
  new Uint8Array(Uint32Array.of(process * 1000 + number).buffer);
const wordOf = (bytes: Uint8Array) =>
  new DataView(bytes.buffer, bytes.byteOffset).getUint32(0, true);

function runSeed(seed: number): Outcome {
  const queue = new EventQueue();
  const clock = new SimulatedClock(queue, { ms: 0 }, () => true);
  const random = new SeededRandom(seed);
  const identity = { logId: 'ab'.repeat(16), partitionCount: 1, dedupeWindow: 1024 };
  const cluster = new SimulatedLogCluster({ clock, random, identity });
  cluster.faults = {
    ...{ delayMaxMs: 20, requestLostChance: 0.1, answerLostChance: 0.1 },
    ...{ lateChance: 0.1, lateMaxMs: 3_000 },
  };
  const told = new Map<number, number>();
  const lost = new Set<number>();
  const logs = Array.from({ length: processes }, () =>
    cluster.connect({ clock, appendTimeoutMs: 1_000, requestTimeoutMs: 200 }),
  );
  for (const [process, log] of logs.entries()) {
    const partition: SharedPartition = log.partition(0);
    for (let number = 0; number < recordsEach; number++) {
      clock.after(random.between(0, 5_000), () => {
        const record = recordOf(process, number);
        partition.append('commands', record, (error, offset) => {
          if (!error) told.set(wordOf(record), offset);
          else {
            assert.equal((error as CodedError).id, 'veltrix-log-append-unanswered');
            lost.add(wordOf(record));
          }
        });
      });
    }
  }
  const shown: [number, number][] = [];
  logs[0]!.partition(0).follow('commands', 1, {
    record: (offset, bytes) => shown.push([offset, wordOf(bytes)]),
    ended: (error) => assert.fail(error),
  });
  const disturb = () => {
    if (queue.now > 8_000) return;
    const kind = random.between(0, 3);
    if (kind === 0) cluster.failOver(0, 'commands', random.between(1, 400));
    if (kind === 1) {
      cluster.setAvailability(0, 'commands', random.chance(0.5) ? 'none' : 'read-only');
      clock.after(random.between(1, 1_500), () => cluster.setAvailability(0, 'commands', 'all'));
    }
    if (kind === 2) {
      const { link } = random.pick(logs);
      link[random.chance(0.5) ? 'toLog' : 'fromLog'] = false;
      clock.after(random.between(1, 1_500), () => {
        link.toLog = true;
        link.fromLog = true;
      });
    }
    clock.after(random.between(1, 600), disturb);
  };
  disturb();
  while (queue.now < 60_000) assert.ok(queue.step());
  const log = cluster
    .committed(0, 'commands')
    .map(([offset, bytes]) => [offset, wordOf(bytes)] as const);
  const message = `seed ${seed}`;
  assert.equal(told.size + lost.size, processes * recordsEach, message);
  assert.deepEqual(shown, log, `${message}: a follower sees the log`);
  const at = new Map(log);
  for (const [word, offset] of told) assert.equal(at.get(offset), word, `${message}: ${word}`);
  const words = log.map(([, word]) => word);
  return {
    log,
    repeated: words.length - new Set(words).size,
    unanswered: lost.size,
    unansweredButThere: [...lost].filter((word) => words.includes(word)).length,
  };
}

test('under faults nothing acknowledged is lost and followers see the log', () => {
  const outcomes = Array.from({ length: 60 }, (_, seed) => runSeed(seed + 1));
  const sum = (of: (outcome: Outcome) => number) =>
    outcomes.reduce((total, outcome) => total + of(outcome), 0);
  assert.ok(sum(({ repeated }) => repeated) > 0, 'records are repeated');
  assert.ok(sum(({ unanswered }) => unanswered) > 0, 'appends go unanswered');
  const there = sum(({ unansweredButThere }) => unansweredButThere);
  assert.ok(there > 0 && there < sum(({ unanswered }) => unanswered), 'some of which are there');
});

test('the same seed gives the same log', () => {
  assert.deepEqual(runSeed(7), runSeed(7));
});
