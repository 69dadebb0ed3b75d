import { randomBytes } from 'node:crypto';
import { after, before } from 'node:test';
import { type RunningKafka, startKafka, whyNotAvailable } from '@hunt/services';
import { Admin } from '@platformatic/kafka';
import {
  type SharedLogFixture,
  sharedContractIdentity,
  testSharedLogContract,
} from '../shared-log.contract.ts';
import type { SharedLog } from '../shared-log.ts';
import { openKafkaSharedLog } from './kafka-shared-log.ts';

let kafka: RunningKafka | undefined;
const reason = whyNotAvailable('kafka');

before(async () => {
  if (!reason) kafka = await startKafka({ own: true });
});
after(() => kafka?.stop());

function kafkaFixture(): SharedLogFixture {
  const { bootstrap } = kafka!;
  const prefix = `contract-${randomBytes(6).toString('hex')}`;
  const opened: SharedLog[] = [];
  let frozen = false;
  const wake = () => {
    if (frozen) kafka!.wake(0);
    frozen = false;
  };
  const open: SharedLogFixture['open'] = async (settings = {}) => {
    const log = await openKafkaSharedLog({
      ...{ bootstrap, prefix, replication: 1, requestTimeoutMs: 1_000 },
      ...{ recordMaxBytes: 1 << 20, ...sharedContractIdentity, ...settings },
    });
    opened.push(log);
    return log;
  };
  return {
    open,
    until: async (condition) => {
      const deadline = performance.now() + 60_000;
      while (!condition()) {
        if (performance.now() > deadline) throw new Error('it did not happen within a minute');
        await new Promise((resolve) => setTimeout(resolve, 1));
      }
    },
    outage: async () => {
      kafka!.freeze(0);
      frozen = true;
      return async () => wake();
    },
    recreate: async () => {
      const admin = new Admin({ clientId: 'test', bootstrapBrokers: bootstrap });
      await admin.deleteTopics({ topics: [`${prefix}.commands`, `${prefix}.events`] });
      await admin.close();
      await open();
    },
    async dispose() {
      wake();
      await Promise.all(
        opened.map((log) => new Promise<void>((resolve) => log.close(() => resolve()))),
      );
    },
  };
}

if (reason) testSharedLogContract('Kafka', kafkaFixture, { skip: [] });
else testSharedLogContract('Kafka', kafkaFixture);
