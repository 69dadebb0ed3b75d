import type { ClusterDeployment } from '@hunt/cli/testing';
import { EventGate } from 'veltrix/cluster';
import { openKafkaSharedLog } from 'veltrix/kafka';
import type { CommandClient } from '../crowd/command-feeder.ts';

export interface ClusterCommands {
  readonly client: CommandClient;
  /** Decision records read from each partition, and the commands and messages decided in them. */
  readonly decided: readonly { records: number; decisions: number }[];
  close(): void;
}

/** A gateway of a cluster without the HTTP: appends commands to Kafka and reads decisions back from there. */
export async function openClusterCommands(
  deployment: ClusterDeployment,
  plan: { readonly partitionCount: number; readonly dedupeWindow: number },
): Promise<ClusterCommands> {
  const log = await openKafkaSharedLog({
    ...{ bootstrap: deployment.kafka.bootstrap, prefix: 'hunt', replication: 1 },
    ...plan,
  });
  const listeners: Parameters<CommandClient['onDecided']>[0][] = [];
  const refused: Parameters<CommandClient['onRefused']>[0][] = [];
  const stopped: Parameters<CommandClient['onStopped']>[0][] = [];
  const decided = Array.from({ length: plan.partitionCount }, () => ({ records: 0, decisions: 0 }));
  for (const [partition, sums] of decided.entries()) {
    const gate = new EventGate();
    log.partition(partition).follow('events', 1, {
      record: (offset, bytes) => {
        const { kind, dropped } = gate.judge(offset, bytes);
        if (kind !== 'decisions' || dropped !== undefined) return;
        sums.records += 1;
        sums.decisions += decisionsOf(bytes);
        for (const listener of listeners) listener(partition, offset, bytes);
      },
      ended: (error) => {
        for (const listener of stopped) listener(partition, error);
      },
    });
  }
  return {
    client: {
      partitionCount: plan.partitionCount,
      send: (partition, record) =>
        log.partition(partition).append('commands', record, (error) => {
          if (!error) return;
          for (const listener of refused) listener(partition, 0, error);
        }),
      onDecided: (listener) => listeners.push(listener),
      onRefused: (listener) => refused.push(listener),
      onStopped: (listener) => stopped.push(listener),
    },
    decided,
    close: () => log.close(() => {}),
  };
}

const countAt = 4;

function decisionsOf(record: Uint8Array): number {
  return new DataView(record.buffer, record.byteOffset).getUint32(countAt, true);
}
