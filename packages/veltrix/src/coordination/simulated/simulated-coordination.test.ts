import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { EventQueue } from '../../simulator/event-queue.ts';
import { SeededRandom } from '../../simulator/seeded-random.ts';
import { SimulatedClock } from '../../simulator/simulated-clock.ts';
import type { VersionedAssignment } from '../assignment-document.ts';
import { testConfigSourceContract } from '../config-source.contract.ts';
import { testCoordinatorContract } from '../coordinator.contract.ts';
import { contractPlan } from '../coordinator-contract/coordinator-harness.contract.ts';
import { testLeaderReportContract } from '../leader-report.contract.ts';
import { openSimulatedConfigSource, openSimulatedCoordinator } from './simulated-coordination.ts';
import { SimulatedTreeService } from './simulated-tree-service.ts';

/** Everything may come late, answers and notifications may be lost; the promises hold all the same. */
const faulty = {
  delayMaxMs: 40,
  watchLossChance: 0.2,
  watchDelayMaxMs: 300,
  answerLossChance: 0.05,
};

function newHarness(faults: Partial<typeof faulty>, seed: number) {
  const queue = new EventQueue();
  const service = new SimulatedTreeService(queue, new SeededRandom(seed));
  Object.assign(service.faults, faults);
  const nodes = new Map<object, string>();
  let opened = 0;
  const optionsOf = (plan = contractPlan) => {
    const node = `process-${++opened}`;
    const clock = new SimulatedClock(queue, { ms: opened * 60_000 }, () => true);
    return { service, node, clock, plan, instance: `life-of-${node}` };
  };
  const remember = <T extends object>(options: { node: string }, port: T): T => {
    nodes.set(port, options.node);
    return port;
  };
  return {
    openCoordinator(plan = contractPlan) {
      const options = optionsOf(plan);
      return remember(options, openSimulatedCoordinator(options));
    },
    openConfigSource(plan = contractPlan) {
      const options = optionsOf(plan);
      return remember(options, openSimulatedConfigSource(options));
    },
    service,
    nodeOf: (port: object) => nodes.get(port)!,
    runFor(milliseconds: number) {
      const end = queue.now + milliseconds;
      while ((queue.nextAt ?? end) < end) queue.step();
    },
    expire: (port: object) => service.expire(nodes.get(port)!),
    edit: (path: string, text: string | undefined) => service.edit(path, text),
    paths: () => service.paths(),
    async until(condition: () => boolean) {
      const deadline = queue.now + 600_000;
      while (!condition()) {
        if (queue.now > deadline || !queue.step()) throw new Error('it never came true');
      }
    },
    dispose() {},
  };
}

for (const [name, faults] of [
  ['simulated, calm', {}],
  ['simulated, faulty', faulty],
] as const) {
  let seed = 1;
  testCoordinatorContract(name, () => {
    const harness = newHarness(faults, seed++);
    return { ...harness, open: harness.openCoordinator };
  });
  testLeaderReportContract(name, () => {
    const harness = newHarness(faults, seed++);
    return { ...harness, open: harness.openCoordinator };
  });
  testConfigSourceContract(name, () => {
    const harness = newHarness(faults, seed++);
    return { ...harness, open: harness.openConfigSource };
  });
}

suite('simulated coordination', () => {
  const row = { owner: 'a', standby: undefined, next: undefined };
  const assignmentAt = (epoch: number) => {
    const partition = { ...row, epoch };
    return {
      partitions: [partition, partition, partition],
      addresses: {},
      shares: {},
      writer: 'w',
    };
  };

  /** A writer, and a viewer that notes each epoch it is shown. */
  function begin() {
    const harness = newHarness({}, 7);
    const [writer, viewer] = [harness.openCoordinator(), harness.openCoordinator()];
    const epochs: number[] = [];
    const states: string[] = [];
    viewer.watchAssignment({
      changed: (value) => epochs.push(value?.partitions[0]?.epoch ?? 0),
    });
    viewer.onSession((state) => states.push(state));
    let present: VersionedAssignment | undefined;
    const write = (epoch: number) =>
      writer.writeAssignment(present, assignmentAt(epoch), (error, written) => {
        assert.ifError(error);
        present = written;
      });
    harness.runFor(1_000);
    return { harness, viewer, write, epochs, states };
  }

  test('every change is shown at once: each look arms the next, none waits for a recheck', () => {
    const { harness, write, epochs } = begin();
    for (let epoch = 1; epoch <= 10; epoch++) {
      write(epoch);
      harness.runFor(100);
      assert.equal(epochs.at(-1), epoch);
    }
  });

  for (const [what, outage] of [
    ['a session that expired', 10_000],
    ['a connection that was lost and found', 3_500],
  ] as const) {
    test(`what changed during ${what} is shown as soon as it is over`, () => {
      const { harness, viewer, write, epochs, states } = begin();
      write(1);
      harness.runFor(100);
      harness.service.cut(harness.nodeOf(viewer), 'from-service');
      write(2);
      harness.runFor(outage);
      assert.deepEqual(epochs, [0, 1]);
      harness.service.heal(harness.nodeOf(viewer));
      harness.runFor(1_500);
      assert.equal(states.includes('expired'), outage > 4_000);
      assert.equal(states.at(-1), 'connected');
      assert.deepEqual(epochs, [0, 1, 2]);
      write(3);
      harness.runFor(100);
      assert.deepEqual(epochs, [0, 1, 2, 3]);
    });
  }

  test('a leader that is cut off knows it by the time the next one leads, and no two lead for long', () => {
    for (const direction of ['both', 'to-service', 'from-service'] as const) {
      const harness = newHarness({}, 3);
      const candidates = [harness.openCoordinator(), harness.openCoordinator()];
      const leading = new Set<object>();
      for (const candidate of candidates) {
        candidate.campaign({
          elected: () => leading.add(candidate),
          deposed: () => leading.delete(candidate),
        });
      }
      harness.runFor(2_000);
      assert.equal(leading.size, 1);
      const [first] = leading;
      harness.service.cut(harness.nodeOf(first!), direction);
      harness.runFor(12_000);
      const [second] = [...leading];
      assert.ok(leading.size === 1 && second !== first, direction);
      harness.service.heal(harness.nodeOf(first!));
      harness.runFor(5_000);
      assert.deepEqual([...leading], [second], 'who comes back does not take it away');
    }
  });
});
