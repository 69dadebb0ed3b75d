import type { SharedLog } from 'veltrix';
import { CodedError } from 'veltrix';
import { type KafkaLogOptions, openKafkaSharedLog } from 'veltrix/kafka';
import type { ProcessorSettings } from '../processor/processor-settings.ts';
import type { ClusterConfig } from './cluster-config.ts';

/** How long one attempt to open waits before it says what it waits for. */
export const openTimeoutMs = 10_000;

export function kafkaLogOptions(
  { node, partitions, dedupeWindow, kafka }: ClusterConfig,
  {
    recordMaxBytes,
    inflightMaxBytes,
  }: Pick<ProcessorSettings, 'recordMaxBytes' | 'inflightMaxBytes'>,
): KafkaLogOptions {
  return {
    ...kafka,
    ...{ clientId: node, partitionCount: partitions, dedupeWindow },
    ...{ recordMaxBytes, inflightMaxBytes, openTimeoutMs },
  };
}

/** Opens the log as soon as Kafka answers, whenever that is. Rejects with what waiting cannot mend. */
export async function openClusterLog(
  options: KafkaLogOptions,
  waitsFor: (error: CodedError) => void,
  signal?: AbortSignal,
): Promise<SharedLog> {
  return untilOpen(() => openKafkaSharedLog(options), waitsFor, signal);
}

/** Tries again for as long as the error is one that passes; rejects at once when the signal aborts. */
export async function untilOpen<Opened>(
  open: () => Promise<Opened>,
  waitsFor: (error: CodedError) => void,
  signal?: AbortSignal,
): Promise<Opened> {
  for (;;) {
    signal?.throwIfAborted();
    try {
      return await unlessAborted(open(), signal);
    } catch (error) {
      if (!(error instanceof CodedError) || error.retry === 'never') throw error;
      waitsFor(error);
    }
  }
}

async function unlessAborted<Opened>(
  opening: Promise<Opened>,
  signal: AbortSignal | undefined,
): Promise<Opened> {
  if (signal === undefined) return opening;
  const { promise, reject } = Promise.withResolvers<never>();
  const abort = () => reject(signal.reason);
  signal.addEventListener('abort', abort);
  try {
    return await Promise.race([opening, promise]);
  } finally {
    signal.removeEventListener('abort', abort);
  }
}
