import { statfsSync } from 'node:fs';
import { availableParallelism, totalmem } from 'node:os';
import type { MetricCatalog } from 'veltrix/telemetry';
import type { EngineRegistry } from './engine-metrics.ts';

const owner = 'process';

export const processMetrics = {
  hunt_process_cpu_seconds_total: {
    ...{ type: 'counter', owner },
    help: 'Processor time that the process has used, on all cores.',
    whenItMoves:
      'Near the cores there are: add nodes of the role, or cores. See the threads for which one.',
  },
  hunt_process_available_cores: {
    ...{ type: 'gauge', owner },
    help: 'Cores that the process may use.',
    whenItMoves: 'It should not: the machine or its limits were changed.',
  },
  hunt_process_resident_bytes: {
    ...{ type: 'gauge', owner },
    help: 'Memory that the process holds.',
    whenItMoves:
      'It grows with teams and with command ids that are remembered. Growth without new players is a fault to report.',
  },
  hunt_process_memory_limit_bytes: {
    ...{ type: 'gauge', owner },
    help: 'Memory that the process may hold: of its container, or of the machine.',
    whenItMoves: 'It should not: the machine or its limits were changed.',
  },
  hunt_process_uptime_seconds: {
    ...{ type: 'gauge', owner },
    help: 'Since the process began.',
    whenItMoves: 'A fall to 0 is a restart: look for its reason in the last lines of the log.',
  },
  hunt_process_clock_seconds: {
    ...{ type: 'gauge', owner },
    help: 'Clock of the machine: seconds since 1970.',
    whenItMoves: 'Clocks of nodes that are apart: docs/doctor.md. Hunts open and close by them.',
  },
  hunt_process_data_free_bytes: {
    ...{ type: 'gauge', owner },
    help: 'Free space where the data directory lies.',
    whenItMoves: 'When it runs out the log stops. Make room, or set log.retainBytes.',
  },
  hunt_config_file_taken_state: {
    ...{ type: 'gauge', owner },
    help: '1 while the process has what its file of settings said when that was read last, or has no file; 0 when that could not be taken.',
    whenItMoves:
      'At 0 the file is wrong or cannot be read: the log says where. The process goes on with what it had, but would not start anew.',
  },
  hunt_telemetry_dropped_samples_total: {
    ...{ type: 'counter', owner },
    help: 'Samples that were left out of this page: above the bound of a label, or no number.',
    whenItMoves:
      'More partitions or hunts than have series of their own; see docs/metrics.md for the bounds.',
  },
} as const satisfies MetricCatalog;

/** @param directory of the data; a node of a cluster has none. */
export function measureProcess(registry: EngineRegistry, directory?: string): void {
  registry.value('hunt_process_cpu_seconds_total', () => {
    const { user, system } = process.cpuUsage();
    return (user + system) / 1e6;
  });
  registry.value('hunt_process_available_cores', availableParallelism);
  registry.value('hunt_process_resident_bytes', () => process.memoryUsage.rss());
  registry.value('hunt_process_memory_limit_bytes', memoryLimit);
  registry.value('hunt_process_uptime_seconds', () => process.uptime());
  registry.value('hunt_process_clock_seconds', () => Date.now() / 1_000);
  registry.value('hunt_telemetry_dropped_samples_total', () => registry.droppedSamples);
  if (directory !== undefined) {
    registry.value('hunt_process_data_free_bytes', () => freeBytes(directory));
  }
}

/** Where nothing limits it, the system tells a number beyond all memory. */
function memoryLimit(): number {
  const constrained = process.constrainedMemory();
  return constrained > 0 ? Math.min(constrained, totalmem()) : totalmem();
}

/** Undefined where the system does not say. */
function freeBytes(directory: string): number | undefined {
  try {
    const { bavail, bsize } = statfsSync(directory);
    return bavail * bsize;
  } catch {
    return undefined;
  }
}
