import type { Clock, Disk } from 'veltrix';
import type { EmbeddedLogOptions } from 'veltrix/embedded';
import { newDirectory, type ProcessorSettings } from './processor-settings.ts';

export interface ProcessorLogOptions {
  /** The data directory. */
  readonly directory: string;
  readonly disk: Disk;
  readonly clock: Clock;
  readonly settings: ProcessorSettings;
  readonly newLogId: () => string;
  readonly onSynced?: EmbeddedLogOptions['onSynced'];
}

/** How the log of a data directory is opened. A new directory gets what is given, or what new ones have. */
export function processorLogOptions(options: ProcessorLogOptions): EmbeddedLogOptions {
  const { directory, disk, clock, settings, newLogId, onSynced } = options;
  const isNew = disk.list(`${directory}/log`).length === 0;
  const { segmentBytes, recordMaxBytes, inflightMaxBytes } = settings;
  return {
    directory: `${directory}/log`,
    ...{ disk, clock, newLogId, segmentBytes, recordMaxBytes, inflightMaxBytes },
    ...(onSynced ? { onSynced } : {}),
    ...(isNew
      ? { partitionCount: newDirectory.partitions, dedupeWindow: newDirectory.dedupeWindow }
      : {}),
    ...(settings.partitions ? { partitionCount: settings.partitions } : {}),
    ...(settings.dedupeWindow ? { dedupeWindow: settings.dedupeWindow } : {}),
  };
}

/** Partitions that a data directory has, or will have when it is made. Looks only; waits for no lock. */
export async function partitionsOf(
  directory: string,
  disk: Disk,
  settings: ProcessorSettings,
): Promise<number> {
  const asked = settings.partitions ?? newDirectory.partitions;
  if (disk.list(`${directory}/log`).length === 0) return asked;
  // Only where there is a log: what reads it is needed by the threads that fold, not by this one.
  const { readLogIdentity } = await import('veltrix/embedded');
  return readLogIdentity(`${directory}/log`, disk)?.partitionCount ?? asked;
}
