import type { SharedLog } from 'veltrix';
import { EventGate, firstPosition } from 'veltrix/cluster';
import type { CommandClient } from '../crowd/command-feeder.ts';

/** A gateway without players: appends commands to a shared log, and reads what counts of their decisions back. */
export function sharedLogClient(log: SharedLog): CommandClient {
  const decided: Parameters<CommandClient['onDecided']>[0][] = [];
  const refused: Parameters<CommandClient['onRefused']>[0][] = [];
  const stopped: Parameters<CommandClient['onStopped']>[0][] = [];
  const { partitionCount } = log.identity;
  for (let partition = 0; partition < partitionCount; partition++) {
    const gate = new EventGate(firstPosition);
    log.partition(partition).follow('events', 1, {
      record: (offset, bytes) => {
        const { kind, dropped } = gate.judge(offset, bytes);
        if (kind !== 'decisions' || dropped !== undefined) return;
        for (const listener of decided) listener(partition, offset, bytes);
      },
      ended: (error) => {
        for (const listener of stopped) listener(partition, error);
      },
    });
  }
  return {
    partitionCount,
    send: (partition, record) =>
      log.partition(partition).append('commands', record, (error) => {
        if (!error) return;
        for (const listener of refused) listener(partition, 0, error);
      }),
    onDecided: (listener) => decided.push(listener),
    onRefused: (listener) => refused.push(listener),
    onStopped: (listener) => stopped.push(listener),
  };
}
