import { EventQueue } from '../../simulator/event-queue.ts';
import { SeededRandom } from '../../simulator/seeded-random.ts';
import { SimulatedClock } from '../../simulator/simulated-clock.ts';
import { testSharedLogContract } from '../shared-log.contract.ts';
import {
  type SharedLogFixture,
  sharedContractIdentity,
} from '../shared-log-contract/shared-log-fixture.contract.ts';
import { SimulatedLogCluster } from './simulated-log-cluster.ts';

const streams = ['commands', 'events'] as const;

function simulatedFixture(): SharedLogFixture {
  const queue = new EventQueue();
  const clock = new SimulatedClock(queue, { ms: 0 }, () => true);
  const identity = { ...sharedContractIdentity, logId: '0123456789abcdef0123456789abcdef' };
  const cluster = new SimulatedLogCluster({ clock, random: new SeededRandom(1), identity });
  const each = (work: (partition: number, stream: (typeof streams)[number]) => void) => {
    for (let partition = 0; partition < identity.partitionCount; partition++) {
      for (const stream of streams) work(partition, stream);
    }
  };
  const setAll = (to: 'all' | 'none') =>
    each((partition, stream) => cluster.setAvailability(partition, stream, to));
  return {
    open: async (settings = {}) =>
      cluster.connect({ ...sharedContractIdentity, clock, ...settings }),
    until: async (condition) => {
      while (!condition()) {
        if (!queue.step()) throw new Error('nothing is left to happen');
      }
    },
    outage: async () => {
      setAll('none');
      return async () => setAll('all');
    },
    recreate: async () => each((partition, stream) => cluster.recreate(partition, stream)),
    dispose: () => {},
  };
}

testSharedLogContract('simulated, without faults', simulatedFixture);
