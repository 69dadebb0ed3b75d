import { readFileSync } from 'node:fs';

/** Threads, databases and pages need about 60; log segments and checkpoints up to eight a partition. */
const ownDescriptors = 80;
const descriptorsPerPartition = 8;

/** Fewer are little for a crowd, whoever asked for how many. */
const worthTelling = 1_000;

export interface ConnectionsWanted {
  /** Of `gateway.connectionsMax`. */
  readonly wanted: number;
  /** Somebody set it so. */
  readonly isAsked: boolean;
  readonly partitionCount: number;
}

/** `affordableConnections`, and what to log of it: nothing while the limit disappoints nobody. */
export function connectionsAllowed(
  { wanted, isAsked, partitionCount }: ConnectionsWanted,
  openFilesMax = openFilesLimit(),
) {
  const connectionsMax = affordableConnections(wanted, partitionCount, openFilesMax);
  const isTold = connectionsMax < (isAsked ? wanted : Math.min(wanted, worthTelling));
  return { connectionsMax, told: isTold ? { connectionsMax, wanted, openFilesMax } : undefined };
}

/**
 * How many connections may be open so that the log never lacks a file descriptor: what the operating
 * system allows this process, less what it needs itself, and no more than `wanted`. Where the limit is
 * not told (other systems than Linux), it is `wanted`.
 */
function affordableConnections(
  wanted: number,
  partitionCount: number,
  openFilesMax: number,
): number {
  return Math.max(1, Math.min(wanted, openFilesMax - descriptorsNeeded(partitionCount)));
}

/** What the process needs besides connections. */
export function descriptorsNeeded(partitionCount: number): number {
  return ownDescriptors + descriptorsPerPartition * partitionCount;
}

/** Infinite where the operating system does not tell. */
export function openFilesLimit(): number {
  let limits: string;
  try {
    limits = readFileSync('/proc/self/limits', 'utf8');
  } catch {
    return Number.POSITIVE_INFINITY;
  }
  const soft = /^Max open files +(\d+)/m.exec(limits)?.[1];
  return soft === undefined ? Number.POSITIVE_INFINITY : Number(soft);
}
