import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { SeededRandom } from '../simulator/seeded-random.ts';
import { firstLevels } from './cluster-level.ts';
import type { LoadReport, Member } from './coordinator.ts';
import { defaultScaleSettings, type RoleAdvice, ScaleAdvisor } from './scale-advisor.ts';

const roundMs = 1_000;
const plan = { logId: 'a'.repeat(32), partitionCount: 8, dedupeWindow: 1024 };

function memberOf(nodeId: string, roles = ['gateway']): Member {
  const base = { address: '', release: '1', zone: '', capacity: 1, instance: nodeId };
  return { nodeId, roles, levels: firstLevels, plan, ...base };
}

function reportOf(cpu: number, rest: Partial<LoadReport> = {}): LoadReport {
  const base = { instance: '', sequence: 1, eventLoopDelayMs: 0, draining: false, partitions: [] };
  return { ...base, cpu, ...rest };
}

/**
 * Nodes that share a demand (in full nodes) evenly, and an autoscaler that does what it is told after a while, as
 * machines take to come.
 */
class ScaledRole {
  readonly #advisor = new ScaleAdvisor(defaultScaleSettings, new Map([['gateway', 100]]));
  nodes: number;
  readonly startMs: number;
  advice: RoleAdvice | undefined;
  nowMs = 0;
  /** Every advice that differs from the one before. */
  readonly turns: { readonly atMs: number; readonly wanted: number }[] = [];
  #coming: { readonly atMs: number; readonly nodes: number } | undefined;

  constructor(nodes: number, startMs = 20_000) {
    this.nodes = nodes;
    this.startMs = startMs;
  }

  run(milliseconds: number, demandAt: (nowMs: number) => number): void {
    for (const end = this.nowMs + milliseconds; this.nowMs < end; this.nowMs += roundMs) {
      const members = Array.from({ length: this.nodes }, (_, index) => memberOf(`n${index}`));
      const cpu = Math.min(1, demandAt(this.nowMs) / this.nodes);
      const loads = new Map(members.map(({ nodeId }) => [nodeId, reportOf(cpu)]));
      const [advice] = this.#advisor.observe(members, loads, new Set(), roundMs);
      if (advice && advice.wanted !== this.advice?.wanted) {
        this.turns.push({ atMs: this.nowMs, wanted: advice.wanted });
      }
      this.advice = advice;
      this.#scale();
    }
  }

  #scale(): void {
    const wanted = this.advice?.wanted ?? this.nodes;
    if (wanted !== this.nodes && this.#coming?.nodes !== wanted) {
      this.#coming = { atMs: this.nowMs + this.startMs, nodes: wanted };
    }
    if (this.#coming === undefined || this.#coming.atMs > this.nowMs) return;
    this.nodes = this.#coming.nodes;
    this.#coming = undefined;
  }

  /** How often it went the other way. */
  get reversals(): number {
    let reversals = 0;
    let direction = 0;
    for (const [index, { wanted }] of this.turns.entries()) {
      if (index === 0) continue;
      const next = Math.sign(wanted - this.turns[index - 1]!.wanted);
      if (direction !== 0 && next !== direction) reversals += 1;
      direction = next;
    }
    return reversals;
  }
}

suite('the advice on how many nodes a role needs', () => {
  test('a new leader looks before it says anything, and takes what is there for what is wanted', () => {
    const role = new ScaledRole(4);
    role.run(29_000, () => 2);
    assert.equal(role.advice, undefined);
    role.run(2_000, () => 2);
    assert.deepEqual(role.advice, { role: 'gateway', nodes: 4, load: 0.5, wanted: 4 });
  });

  test('more load asks for more nodes within a minute, and for enough of them', () => {
    const role = new ScaledRole(2, 5_000);
    role.run(60_000, () => 1);
    role.run(600_000, () => 5);
    assert.equal(role.nodes, 7);
    // What two full nodes show is two: the rest is seen only when there are more.
    assert.deepEqual(
      role.turns.map(({ wanted }) => wanted),
      [2, 4, 7],
    );
    assert.ok(role.turns[1]!.atMs < 60_000 + 30_000);
  });

  test('less load takes nodes away only after minutes, and not below one', () => {
    const role = new ScaledRole(6);
    role.run(60_000, () => 3.5);
    role.run(290_000, () => 0.1);
    assert.equal(role.advice?.wanted, 6);
    role.run(600_000, () => 0.1);
    assert.equal(role.advice?.wanted, 1);
  });

  test('a lull in a crowd takes nothing away, nor does a peak in a lull add anything', () => {
    const role = new ScaledRole(4);
    role.run(3_600_000, (now) => (now % 240_000 < 200_000 ? 2.4 : 0.4));
    assert.deepEqual(
      role.turns.map(({ wanted }) => wanted),
      [4],
    );
    const calm = new ScaledRole(4);
    calm.run(3_600_000, (now) => (now % 60_000 < 5_000 ? 4 : 2));
    assert.deepEqual(
      calm.turns.map(({ wanted }) => wanted),
      [4],
    );
  });

  test('at any load that stays it comes to rest, and what it rests at carries the load', () => {
    for (let tenths = 1; tenths <= 200; tenths += 9) {
      const demand = tenths / 10;
      for (const nodes of [1, 5, 30]) {
        const role = new ScaledRole(nodes, 45_000);
        role.run(2_400_000, () => demand);
        const settled = role.turns.length;
        role.run(3_600_000, () => demand);
        assert.equal(role.turns.length, settled, `${demand} on ${nodes}: it never rests`);
        assert.ok(role.reversals <= 1, `${demand} on ${nodes}: ${JSON.stringify(role.turns)}`);
        assert.ok(demand / role.nodes <= defaultScaleSettings.upAt + 1e-9);
        assert.ok(
          role.nodes === 1 || demand >= (role.nodes - 1) * defaultScaleSettings.downAt - 1e-6,
        );
      }
    }
  });

  test('measured with noise, it does not flap: a day in waves turns as often as the waves do', () => {
    for (let seed = 1; seed <= 5; seed++) {
      const random = new SeededRandom(seed);
      const noisy = (demand: number) =>
        Math.max(0, demand * (0.6 + random.between(0, 800) / 1_000));
      const steady = new ScaledRole(5, random.between(5_000, 120_000));
      const demand = 0.5 + random.between(0, 80) / 10;
      steady.run(4 * 3_600_000, () => noisy(demand));
      assert.ok(steady.reversals <= 1, `seed ${seed}: ${JSON.stringify(steady.turns)}`);
      const waves = new ScaledRole(5, random.between(5_000, 120_000));
      const waveMs = 4 * 3_600_000;
      waves.run(24 * 3_600_000, (now) => noisy(6 + 5 * Math.sin((now / waveMs) * 2 * Math.PI)));
      assert.ok(waves.reversals <= 13, `seed ${seed}: ${waves.reversals} reversals in six waves`);
    }
  });

  test('a thread that folds, a loop that is late and a queue that waits count, a draining node does not', () => {
    const advisor = new ScaleAdvisor(defaultScaleSettings, new Map([['processor', 8]]));
    const row = { partition: 0, part: 'owner', epoch: 1, progress: 1, waiting: 0, lag: 0 } as const;
    const members = ['a', 'b'].map((nodeId) => memberOf(nodeId, ['processor']));
    const loads = new Map([
      ['a', reportOf(0.1, { partitions: [{ ...row, queueAgeMs: 0, cost: 900 }] })],
      ['b', reportOf(0.1, { partitions: [{ ...row, queueAgeMs: 1_600, cost: 10 }] })],
    ]);
    const observe = (draining = new Set<string>()) =>
      advisor.observe(members, loads, draining, 30_000)[0];
    assert.deepEqual(observe(), { role: 'processor', nodes: 2, load: 0.85, wanted: 3 });
    assert.deepEqual(observe(new Set(['b']))?.nodes, 1);
    loads.set('a', reportOf(0.1, { eventLoopDelayMs: 450 }));
    assert.equal(observe()?.load, 0.85);
  });

  test('no role gets more nodes than it has a use for, and one of which nobody reports gets no advice', () => {
    const most = new Map([
      ['processor', 2],
      ['archiver', 8],
    ]);
    const advisor = new ScaleAdvisor(defaultScaleSettings, most);
    const members = [memberOf('a', ['processor']), memberOf('b', ['archiver'])];
    const loads = new Map([['a', reportOf(1)]]);
    let advice: readonly RoleAdvice[] = [];
    for (let round = 0; round < 1_000; round++) {
      advice = advisor.observe(members, loads, new Set(), roundMs);
    }
    assert.deepEqual(advice, [{ role: 'processor', nodes: 1, load: 1, wanted: 2 }]);
  });
});
