import { EventQueue } from '../../simulator/event-queue.ts';
import { SeededRandom } from '../../simulator/seeded-random.ts';
import { SimulatedClock } from '../../simulator/simulated-clock.ts';
import { testConfigSourceContract } from '../config-source.contract.ts';
import { contractPlan, testCoordinatorContract } from '../coordinator.contract.ts';
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
  testConfigSourceContract(name, () => {
    const harness = newHarness(faults, seed++);
    return { ...harness, open: harness.openConfigSource };
  });
}
