/*
 * A crowd before several partitions, by a model (`testing/modelled-crowd.ts`): what becomes of the others when one
 * waits alone, and of all when all wait together. Commands come evenly, and at random.
 */
import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { Admission } from './admission.ts';
import {
  type ModelledCrowd,
  type ModelledPartition,
  type PartitionCourse,
  playCrowd,
  together,
} from './testing/modelled-crowd.ts';

const targetMs = 6;
const seconds = 1_000;

interface Played {
  readonly admission: Admission;
  /** The first partitions, which are not as the others, and the others. */
  readonly odd: PartitionCourse;
  readonly others: PartitionCourse;
  /** Most partitions that stood apart at once. */
  readonly mostApart: number;
}

/** Plays it with `odd` first and so many others, which share what is left evenly; evenly and at random. */
function* played(
  crowd: Omit<ModelledCrowd, 'partitions' | 'isRandom'>,
  odd: readonly ModelledPartition[],
  others: number,
  of: Omit<ModelledPartition, 'share'> = {},
): Iterable<Played & { readonly how: string }> {
  const share = (1 - odd.reduce((sum, one) => sum + one.share, 0)) / others;
  const partitions = [...odd, ...Array.from({ length: others }, () => ({ share, ...of }))];
  for (const isRandom of [false, true]) {
    const admission = new Admission(targetMs, partitions.length);
    let mostApart = 0;
    const courses = playCrowd(
      {
        enter: (partition, now) => {
          mostApart = Math.max(mostApart, admission.apartPartitions);
          return admission.enter(partition, now);
        },
        leave: (...gone) => admission.leave(...gone),
        giveUp: (...gone) => admission.giveUp(...gone),
      },
      { ...crowd, partitions, isRandom },
    );
    yield {
      ...{ admission, mostApart, how: isRandom ? 'at random' : 'evenly' },
      odd: together(courses.slice(0, odd.length)),
      others: together(courses.slice(odd.length)),
    };
  }
}

const refusedShare = ({ came, refused }: PartitionCourse) => refused / came;
const meanWaitMs = ({ decided, waitedMs }: PartitionCourse) => waitedMs / decided;

suite('one of eight partitions stands still', () => {
  for (const perMs of [5, 20]) {
    test(`nobody else is refused for it, of ${perMs} commands a millisecond`, () => {
      const still = { share: 1 / 8, still: [5 * seconds, 65 * seconds] } as const;
      const crowd = { perMs, ms: 65 * seconds, countFrom: 5 * seconds };
      for (const { how, others, odd } of played(crowd, [still], 7)) {
        assert.equal(others.refused, 0, how);
        assert.ok(odd.refused > 0, 'those who would wait for ever are told soon');
      }
    });
  }

  test('for three seconds, and nobody at all is refused: they wait, and the others do not', () => {
    const still = { share: 1 / 8, still: [5 * seconds, 8 * seconds] } as const;
    const crowd = { perMs: 20, ms: 20 * seconds, countFrom: 5 * seconds };
    for (const { how, admission, others, odd } of played(crowd, [still], 7)) {
      assert.deepEqual([others.refused, odd.refused], [0, 0], how);
      assert.ok(odd.longestWaitMs >= 3 * seconds);
      assert.ok(
        others.longestWaitMs <= targetMs,
        `${how} somebody waited ${others.longestWaitMs} ms`,
      );
      assert.equal(admission.apartPartitions, 0, 'it is as the others again');
    }
  });

  test('while the cores are short: the others are decided as if it were not there', () => {
    const still = { share: 1 / 8, still: [5 * seconds, 15 * seconds] } as const;
    const crowd = { perMs: 30, coresPerMs: 20, ms: 15 * seconds, countFrom: 6 * seconds };
    for (const { how, others } of played(crowd, [still], 7)) {
      assert.ok(others.decided > 0.95 * 20 * 9 * seconds, `${how} ${others.decided} are decided`);
      assert.ok(meanWaitMs(others) < targetMs * 1.5, `${how} they wait ${meanWaitMs(others)} ms`);
    }
  });
});

suite('one of eight partitions is hot', () => {
  // Half of all comes for it, and its thread decides a third of all.
  const hot = { share: 1 / 2, foldPerMs: 8 / 3 };
  const crowd = { perMs: 8, ms: 30 * seconds };

  test('it is limited by itself, and decides what it can', () => {
    for (const { how, others, odd, admission } of played(crowd, [hot], 7)) {
      assert.ok(refusedShare(others) < 0.001, `${how} ${others.refused} others are refused`);
      assert.ok(odd.decided > 0.97 * (8 / 3) * 30 * seconds, `${how} ${odd.decided} are decided`);
      assert.ok(meanWaitMs(odd) < targetMs * 6, `${how} they wait ${meanWaitMs(odd)} ms`);
      assert.ok(admission.isApart(0));
      assert.equal(admission.limit, Number.POSITIVE_INFINITY);
    }
  });
});

test('one is hot while the cores are short: the others are limited for the cores alone', () => {
  const hot = { share: 1 / 2, foldPerMs: 5 };
  const crowd = { perMs: 30, coresPerMs: 14, ms: 30 * seconds, countFrom: 8 * seconds };
  for (const { how, others, odd, admission } of played(crowd, [hot], 7)) {
    const decided = others.decided + odd.decided;
    assert.ok(decided > 0.98 * 14 * 22 * seconds, `${how} ${decided} are decided`);
    assert.ok(
      refusedShare(others) < 0.25,
      `${how} ${refusedShare(others)} of the others are refused`,
    );
    assert.ok(meanWaitMs(others) < targetMs * 1.5, `${how} they wait ${meanWaitMs(others)} ms`);
    assert.ok(admission.isApart(0));
    assert.ok(Math.abs(admission.capacityPerSecond! / 14_000 - 1) < 0.05, 'of all partitions');
  }
});

test('several that are hot have together as many inside as all have at least', () => {
  const hot = Array.from({ length: 4 }, () => ({ share: 1 / 8, foldPerMs: 0.3 }));
  const crowd = { perMs: 5, ms: 30 * seconds, countFrom: 10 * seconds };
  for (const { how, others, odd, mostApart } of played(crowd, hot, 4)) {
    assert.deepEqual([mostApart, others.refused], [4, 0], how);
    assert.ok(odd.mostWaiting <= 64, `${how} ${odd.mostWaiting} waited`);
    assert.ok(odd.decided > 0.97 * 4 * 0.3 * 20 * seconds, `${how} ${odd.decided} are decided`);
  }
});

suite('all wait together', () => {
  test('for the cores: they are limited, and as much is decided as can be', () => {
    const crowd = { perMs: 30, coresPerMs: 20, ms: 30 * seconds, countFrom: 5 * seconds };
    for (const { how, others, admission, mostApart } of played(crowd, [], 8)) {
      assert.ok(others.decided > 0.98 * 20 * 25 * seconds, `${how} ${others.decided} are decided`);
      assert.ok(meanWaitMs(others) < targetMs * 1.5, `${how} they wait ${meanWaitMs(others)} ms`);
      // What comes at random leaves one partition behind for a while, which then really waits alone.
      assert.ok(mostApart <= (how === 'evenly' ? 0 : 2), `${how} ${mostApart} stood apart`);
      assert.ok(Math.abs(admission.capacityPerSecond! / 20_000 - 1) < 0.05);
    }
  });

  test('for a slow log: nobody is refused once that is known', () => {
    const crowd = { perMs: 10, ms: 30 * seconds, countFrom: 5 * seconds };
    for (const { how, others, mostApart } of played(crowd, [], 8, { logMs: 42 })) {
      assert.deepEqual([others.refused, mostApart], [0, 0], how);
    }
  });
});

suite('of 64 partitions with few commands each', () => {
  test('none stands apart, and nobody is refused', () => {
    for (const { how, others, mostApart } of played({ perMs: 3, ms: 30 * seconds }, [], 64)) {
      assert.deepEqual([others.refused, mostApart], [0, 0], how);
    }
  });

  test('none stands apart while the cores are short', () => {
    const crowd = { perMs: 15, coresPerMs: 10, ms: 30 * seconds, countFrom: 5 * seconds };
    for (const { how, others, mostApart } of played(crowd, [], 64)) {
      assert.ok(others.decided > 0.97 * 10 * 25 * seconds, `${how} ${others.decided} are decided`);
      assert.equal(mostApart, 0, how);
    }
  });

  test('one stands still, and nobody else is refused', () => {
    const still = { share: 1 / 64, still: [5 * seconds, 35 * seconds] } as const;
    const crowd = { perMs: 10, ms: 35 * seconds, countFrom: 5 * seconds };
    for (const { how, others } of played(crowd, [still], 63)) assert.equal(others.refused, 0, how);
  });
});

test('a partition whose log alone is slow has what comes decided, and takes nothing from the others', () => {
  const slow = { share: 1 / 8, logMs: 42 };
  const crowd = { perMs: 20, ms: 60 * seconds, countFrom: 10 * seconds };
  for (const { how, others, odd } of played(crowd, [slow], 7)) {
    assert.equal(others.refused, 0, how);
    assert.ok(refusedShare(odd) < 0.02, `${how} ${odd.refused} are refused`);
  }
});

test('a slow log is found out although a second partition comes to stand apart meanwhile', () => {
  const slow = { share: 0.4, logMs: 42 };
  const still = { share: 0.1, still: [300, 60 * seconds] } as const;
  const crowd = { perMs: 10, ms: 60 * seconds, countFrom: 10 * seconds };
  for (const { how, others, odd } of played(crowd, [slow, still], 6)) {
    assert.equal(others.refused, 0, how);
    // Of the one that stands still nearly all are refused: a fifth of what comes for both.
    assert.ok(refusedShare(odd) < 0.22, `${how} ${refusedShare(odd)} are refused`);
  }
});

test('a partition that stood apart does so no more when commands come again after a pause', () => {
  const still = { share: 1 / 8, still: [5 * seconds, 30 * seconds] } as const;
  for (const { how, admission } of played({ perMs: 5, ms: 10 * seconds }, [still], 7)) {
    assert.equal(admission.apartPartitions, 1, how);
    while (admission.limitOf(0).inflight > 0) admission.giveUp(0, 9 * seconds, 10 * seconds);
    assert.ok(admission.enter(1, 20 * seconds));
    assert.equal(admission.apartPartitions, 0, how);
  }
});
