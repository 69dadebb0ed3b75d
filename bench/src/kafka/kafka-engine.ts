import { randomBytes } from 'node:crypto';
import { processorSettings } from '@hunt/engine';
import { huntApplication } from '@hunt/rules/fold';
import { systemClock } from 'veltrix';
import { type PartitionOwner, PartitionStandby } from 'veltrix/cluster';
import { type KafkaLogOptions, openKafkaSharedLog, openKafkaStateStores } from 'veltrix/kafka';
import type { CommandClient } from '../crowd/command-feeder.ts';

/** As new deployments have it. */
const dedupeWindow = 1 << 18;
const fullCheckpointEvery = 32;
const pendingMaxBytes = 16 << 20;

export interface KafkaEngine {
  /** A gateway: appends commands, and is told each decision that was read back. */
  readonly client: CommandClient;
  close(): void;
}

/**
 * A gateway and the owner of the only partition of a new log, each with connections of its own, as in
 * processes of their own: the gateway's record goes to the brokers, the owner reads and decides it,
 * appends the decisions, and gives them out once it has read them back.
 */
export async function openKafkaEngine(bootstrap: readonly string[]): Promise<KafkaEngine> {
  const options: KafkaLogOptions = {
    ...{ bootstrap, prefix: `bench-${randomBytes(6).toString('hex')}` },
    ...{ partitionCount: 1, dedupeWindow, replication: 1 },
  };
  const gateway = await openKafkaSharedLog(options);
  const log = await openKafkaSharedLog(options);
  const { identity } = log;
  const stores = await openKafkaStateStores({
    ...options,
    ...{ identity, fullEvery: fullCheckpointEvery },
  });
  const decided: Parameters<CommandClient['onDecided']>[0][] = [];
  const refused: Parameters<CommandClient['onRefused']>[0][] = [];
  const stopped: Parameters<CommandClient['onStopped']>[0][] = [];
  const { tableMaxRows, checkpointEveryDecisions, resendDelayMs } = processorSettings({});
  const standby = new PartitionStandby({
    ...{ identity, log: log.partition(0), store: await stores.open(0), clock: systemClock },
    ...{ application: huntApplication, tableMaxRows },
    onCheckpointDamage: () => {},
    onStopped: (error) => {
      for (const listener of stopped) listener(0, error);
    },
  });
  await new Promise<PartitionOwner>((resolve, reject) => {
    stopped.push((_partition, error) => reject(error));
    const owner = standby.start({
      ...{ epoch: 1, node: 'bench', newToken: () => randomBytes(16), epochRaisesMax: 0 },
      transport: {
        deliver: (to, record) => log.partition(to).append('commands', record, () => {}),
      },
      publish: (offset, record) => {
        for (const listener of decided) listener(0, offset, record);
      },
      onOwning: () => resolve(owner),
      ...{ checkpointEveryDecisions, resendDelayMs, pendingMaxBytes },
      appendRetryDelayMs: 100,
    });
  });
  return {
    client: {
      partitionCount: 1,
      send: (partition, record) =>
        gateway.partition(partition).append('commands', record, (error) => {
          if (!error) return;
          for (const listener of refused) listener(partition, 0, error);
        }),
      onDecided: (listener) => decided.push(listener),
      onRefused: (listener) => refused.push(listener),
      onStopped: (listener) => stopped.push(listener),
    },
    close: () => {
      standby.stop();
      gateway.close(() => {});
      log.close(() => {});
      stores.close();
    },
  };
}
