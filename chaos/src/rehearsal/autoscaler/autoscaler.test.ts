import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { Autoscaler, proposedReplicas, type Reading, type Replica } from './autoscaler.ts';
import { quickened, type ScalingPolicy } from './scaling-policy.ts';

const replicas = (ready: number, starting = 0): Replica[] =>
  Array.from({ length: ready + starting }, (_, index) => ({
    name: `pod-${index}`,
    isReady: index < ready,
  }));
/** Of the first pods, one each. */
const each = (target: number, ...values: number[]): Reading => ({
  ...{ of: 'cpu', target },
  values: new Map(values.map((value, index) => [`pod-${index}`, value])),
});
const whole = (target: number, value: number | undefined): Reading => ({
  of: 'lag',
  target,
  value,
});

describe('how many replicas one metric asks for', () => {
  const cases: readonly [what: string, Reading, Replica[], number | undefined][] = [
    ['twice the target is twice the replicas', each(100, 200, 200), replicas(2), 4],
    ['half the target is half of them', each(100, 50, 50), replicas(2), 1],
    ['a part of a replica is one', each(0.6, 0.7), replicas(1), 2],
    ['the mean counts, not the busiest', each(0.6, 0.9, 0.3), replicas(2), 2],
    ['less than a tenth above is near enough', each(100, 109, 109), replicas(2), 2],
    ['more than a tenth is not', each(100, 111, 111), replicas(2), 3],
    ['less than a tenth below, too', each(100, 91, 91, 91, 91, 91), replicas(5), 5],
    ['who starts is taken to do nothing when more are wanted', each(100, 250), replicas(1, 1), 3],
    ['so that the same load asks for no more', each(100, 210), replicas(1, 1), 2],
    ['who is silent, too', each(100, 250), replicas(2), 3],
    ['who is silent is at the target when fewer are wanted', each(100, 20, 20), replicas(3), 2],
    ['and may keep all of them', each(100, 80), replicas(4), 4],
    ['who starts is left out when fewer are wanted', each(100, 50, 50), replicas(2, 1), 1],
    ['nothing known asks for nothing', each(100), replicas(2), undefined],
    ['nobody ready neither', each(100, 300), replicas(0, 1), undefined],
    ['a value for all of them', whole(2, 5), replicas(2), 5],
    ['a value counts those that are ready', whole(2, 6), replicas(1, 1), 3],
    ['a value of nothing asks for none', whole(2, 0), replicas(3), 0],
    ['a value near its target', whole(2, 2.19), replicas(3), 3],
    ['a value that nobody knows', whole(2, undefined), replicas(3), undefined],
  ];
  for (const [what, reading, pods, wanted] of cases) {
    test(what, () => assert.equal(proposedReplicas(reading, pods), wanted));
  }
});

const policy: ScalingPolicy = {
  ...{ min: 1, max: 10, targets: [] },
  up: { stabilizationMs: 15_000, policies: [{ unit: 'Percent', value: 100, periodMs: 30_000 }] },
  down: { stabilizationMs: 300_000, policies: [{ unit: 'Pods', value: 1, periodMs: 60_000 }] },
};

/** Gives one load per look, every 15 s, to as many replicas as were wanted; tells how many those were. */
function follow(
  loads: readonly number[],
  change: Partial<ScalingPolicy> = {},
  first = 1,
): number[] {
  const autoscaler = new Autoscaler({ ...policy, ...change });
  let count = first;
  return loads.map((load, index) => {
    const readings = [each(1, ...Array.from({ length: count }, () => load / count))];
    count = autoscaler.decide(index * 15_000, replicas(count), readings).wanted;
    return count;
  });
}

const looks = (count: number, load: number): number[] => Array.from({ length: count }, () => load);

describe('what the autoscaler makes of it', () => {
  test('it doubles within half a minute, and no more', () => {
    assert.deepEqual(follow(looks(6, 8)), [2, 2, 4, 4, 8, 8]);
  });

  test('it stays within its bounds', () => {
    assert.deepEqual(follow(looks(6, 8), { max: 3 }), [2, 2, 3, 3, 3, 3]);
    assert.deepEqual(follow(looks(40, 0.1), { min: 2 }, 2).at(-1), 2);
    // Whoever has too few, as after a crash, gets the least without a reason.
    assert.deepEqual(follow([0.5], { min: 2 }), [2]);
  });

  test('a rise that is over within the window is none', () => {
    const up = { ...policy.up, stabilizationMs: 40_000 };
    assert.deepEqual(follow([1, 1, 4, 1, 1], { up }), [1, 1, 1, 1, 1]);
    assert.deepEqual(follow([1, 4, 4, 4, 4], { up }), [1, 1, 1, 2, 2]);
  });

  test('it takes one away a minute, once nothing more was wanted for five minutes', () => {
    const counts = follow([...looks(8, 4), ...looks(32, 1)]);
    assert.deepEqual(counts.slice(0, 8), [2, 2, 4, 4, 4, 4, 4, 4]);
    // The last look that wanted four is the eighth; twenty looks later it is five minutes ago.
    assert.deepEqual(counts.slice(8, 27), looks(19, 4));
    assert.deepEqual(counts.slice(27, 36), [3, 3, 3, 3, 2, 2, 2, 2, 1]);
  });

  test('a short lull takes nobody away', () => {
    const counts = follow([...looks(8, 4), ...looks(15, 1), ...looks(10, 4)]);
    assert.deepEqual(counts.slice(4), looks(29, 4));
  });

  test('the metric that asks for most decides, and is named', () => {
    const decided = new Autoscaler(policy).decide(0, replicas(1), [each(1, 1.5), whole(1, 2)]);
    assert.deepEqual(decided, { wanted: 2, because: 'cpu' });
    const other = new Autoscaler(policy).decide(0, replicas(2), [each(1, 1, 1), whole(1, 1.6)]);
    assert.deepEqual(other, { wanted: 4, because: 'lag' });
  });

  test('while not all is known it takes nobody away, and still adds', () => {
    const down = { stabilizationMs: 0, policies: [] };
    const decide = (cpu: number) =>
      new Autoscaler({ ...policy, down }).decide(0, replicas(2), [
        each(1, cpu, cpu),
        whole(1, undefined),
      ]).wanted;
    assert.deepEqual([decide(0.1), decide(2)], [2, 4]);
    const known = new Autoscaler({ ...policy, down }).decide(0, replicas(2), [each(1, 0.1, 0.1)]);
    assert.equal(known.wanted, 1);
  });

  test('quickened it does the same in less time', () => {
    const quick = quickened(policy, 10);
    const autoscaler = new Autoscaler(quick);
    let count = 1;
    const counts = looks(6, 8).map((load, index) => {
      const readings = [each(1, ...Array.from({ length: count }, () => load / count))];
      count = autoscaler.decide(index * 1_500, replicas(count), readings).wanted;
      return count;
    });
    assert.deepEqual(counts, [2, 2, 4, 4, 8, 8]);
    assert.equal(quick.down.stabilizationMs, 30_000);
  });
});
