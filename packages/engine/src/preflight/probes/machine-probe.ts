import { readdirSync, statfsSync } from 'node:fs';
import { availableParallelism, totalmem } from 'node:os';
import path from 'node:path';
import { getHeapStatistics } from 'node:v8';
import { openFilesLimit } from '../../descriptor-limit.ts';
import { newDirectory } from '../../processor/processor-settings.ts';
import type { DeploymentFacts, DiskFacts, Fact, Facts, MemoryFacts } from '../facts.ts';

/** What the machine gives this process. Reads a few files of the operating system, in well under a millisecond each. */
export function machineFacts(): Pick<Facts, 'memory' | 'cores' | 'openFilesMax'> {
  const openFilesMax = openFilesLimit();
  return {
    memory: { value: memoryFacts() },
    cores: { value: availableParallelism() },
    openFilesMax: Number.isFinite(openFilesMax)
      ? { value: openFilesMax }
      : { unasked: 'this operating system does not tell how many files may be open' },
  };
}

function memoryFacts(): MemoryFacts {
  const machine = totalmem();
  // 0, or more than there is, where nothing bounds the process.
  const group = process.constrainedMemory();
  const isBound = group > 0 && group < machine;
  return {
    bytes: isBound ? group : machine,
    source: isBound ? 'the control group' : 'the machine',
    heapMaxBytes: getHeapStatistics().heap_size_limit,
  };
}

/** A data directory, be it there or not: what it was made with, and its disk. */
export function directoryFacts(
  directory: string,
  asked: { readonly partitions?: number | undefined; readonly dedupeWindow?: number | undefined },
): Pick<Facts, 'deployment' | 'disk'> {
  const present = partitionsOf(directory);
  const { partitions = newDirectory.partitions, dedupeWindow = newDirectory.dedupeWindow } = asked;
  const deployment: DeploymentFacts = {
    ...{ kind: 'embedded', dedupeWindow },
    partitions: present ?? partitions,
    source: present === undefined ? 'for a new data directory' : directory,
  };
  return { deployment: { value: deployment }, disk: diskFacts(directory) };
}

/** One directory each; undefined while there are none. */
function partitionsOf(directory: string): number | undefined {
  try {
    const count = readdirSync(path.join(directory, 'log')).filter((name) =>
      /^p-\d{4,}$/.test(name),
    ).length;
    return count === 0 ? undefined : count;
  } catch {
    return undefined;
  }
}

function diskFacts(directory: string): Fact<DiskFacts> {
  let place = path.resolve(directory);
  for (;;) {
    try {
      const { bsize, blocks, bavail } = statfsSync(place);
      const [totalBytes, freeBytes] = [blocks * bsize, bavail * bsize];
      return { value: { directory, totalBytes, freeBytes } };
    } catch (error) {
      // One that is not there yet is made in the directory above.
      const isMissing = (error as NodeJS.ErrnoException).code === 'ENOENT';
      const above = path.dirname(place);
      if (!isMissing || above === place) return { unasked: (error as Error).message };
      place = above;
    }
  }
}
