import { kneeOf, type ProcessFacts, threadShares, type Unread } from '@hunt/engine/diagnosis';

interface NodeNumbers {
  readonly node: string;
  /** Cores in use, of those that it may use. */
  readonly cores: number;
  readonly coresMax: number | null;
  readonly memoryBytes: number | null;
  /** The thread that is most at work, and the share of the time. */
  readonly busiestThread: string | null;
  readonly busy: number;
  /** Share of the time in which that thread that collects most stood still for it. */
  readonly collecting: number;
  /** How late the loop of its latest thread turns, 99th percentile, in seconds. */
  readonly delayP99Seconds: number | null;
  readonly liveConnections: number | null;
  /** Partitions whose commands it decides. */
  readonly partitions: number;
  /** What it goes on without. */
  readonly without: readonly string[];
}

interface PartitionNumbers {
  readonly partition: number;
  readonly node: string;
  readonly decisionsPerSecond: number;
  /** Share of a thread that folding it takes. */
  readonly fold: number;
  /** How long its oldest command has waited, where the node tells. */
  readonly waitsSeconds: number | null;
  readonly stateBytes: number | null;
  /** How far the archive is behind on it, where the node archives it. */
  readonly archiveLagSeconds: number | null;
}

interface QueueNumbers {
  readonly queue: string;
  readonly node: string;
  readonly partition: number | null;
  readonly entries: number | null;
  readonly bytes: number | null;
  /** Part of 1; null where there is no limit. */
  readonly filled: number | null;
  readonly oldestSeconds: number | null;
}

interface LatencyNumbers {
  readonly what: 'decision' | 'log sync' | 'fold of a record';
  readonly perSecond: number;
  /** In seconds. */
  readonly p50: number | null;
  readonly p90: number | null;
  readonly p99: number | null;
}

/** All that the view shows, and `--json` prints. */
export interface TopNumbers {
  /** From the look before to this one. */
  readonly seconds: number;
  /** By all gateways. */
  readonly commandsPerSecond: Readonly<
    Record<'decided' | 'shed' | 'refused' | 'withdrawn' | 'undecided', number>
  >;
  readonly kneeRatio: number | null;
  readonly latencies: readonly LatencyNumbers[];
  readonly nodes: readonly NodeNumbers[];
  /** The busiest first. */
  readonly partitions: readonly PartitionNumbers[];
  /** The fullest first; those in which nothing waits are there, too. */
  readonly queues: readonly QueueNumbers[];
  readonly unread: readonly Unread[];
}

export function topNumbers(
  processes: readonly ProcessFacts[],
  unread: readonly Unread[],
): TopNumbers {
  const commands = (result: string) =>
    sum(processes.map((one) => one.rate('hunt_gateway_commands_total', { result })));
  const knees = processes.flatMap((one) => kneeOf(one) ?? []);
  return {
    seconds: Math.max(0, ...processes.map(({ seconds }) => seconds)),
    commandsPerSecond: {
      decided: commands('decided'),
      shed: commands('shed'),
      refused: commands('refused'),
      withdrawn: commands('withdrawn'),
      undecided: commands('undecided'),
    },
    kneeRatio: knees.length === 0 ? null : Math.max(...knees),
    latencies: [
      latency('decision', 'hunt_gateway_decision_seconds', processes),
      latency('log sync', 'hunt_processor_log_sync_seconds', processes),
      latency('fold of a record', 'hunt_processor_record_fold_seconds', processes),
    ],
    nodes: processes.map(nodeNumbers),
    partitions: processes
      .flatMap(partitionNumbers)
      .sort((one, other) => other.fold - one.fold || one.partition - other.partition),
    queues: processes
      .flatMap(queueNumbers)
      .sort(
        (one, other) =>
          (other.filled ?? 0) - (one.filled ?? 0) ||
          (other.oldestSeconds ?? 0) - (one.oldestSeconds ?? 0) ||
          (other.entries ?? 0) - (one.entries ?? 0),
      ),
    unread,
  };
}

function sum(values: readonly number[]): number {
  return values.reduce((all, value) => all + value, 0);
}

/** Of several processes the slowest: quantiles do not add up. */
function latency(
  what: LatencyNumbers['what'],
  metric: Parameters<ProcessFacts['histogram']>[0],
  processes: readonly ProcessFacts[],
): LatencyNumbers {
  const grown = processes.map((one) => one.histogram(metric));
  const quantile = (share: number) => {
    const found = grown.flatMap((one) => one.quantile(share) ?? []);
    return found.length === 0 ? null : Math.max(...found);
  };
  const perSecond = sum(grown.map(({ count }, index) => count / processes[index]!.seconds));
  return { what, perSecond, p50: quantile(0.5), p90: quantile(0.9), p99: quantile(0.99) };
}

function nodeNumbers(process: ProcessFacts): NodeNumbers {
  // Nobody waits for the archiver.
  const threads = [...threadShares(process)].filter(({ thread }) => thread !== 'archiver');
  const busiest = threads.sort((one, other) => other.busy - one.busy)[0];
  const delays = threads.flatMap(
    ({ thread }) => process.most('hunt_thread_delay_p99_seconds', { thread }) ?? [],
  );
  const down = process.now('hunt_dependency_up_state').filter(({ value }) => value === 0);
  return {
    node: process.name,
    cores: process.rate('hunt_process_cpu_seconds_total'),
    coresMax: process.most('hunt_process_available_cores') ?? null,
    memoryBytes: process.most('hunt_process_resident_bytes') ?? null,
    busiestThread: busiest?.thread ?? null,
    busy: busiest?.busy ?? 0,
    collecting: Math.max(0, ...threads.map(({ collecting }) => collecting)),
    delayP99Seconds: delays.length === 0 ? null : Math.max(...delays),
    liveConnections: process.most('hunt_gateway_live_connections') ?? null,
    partitions:
      process.most('hunt_node_partitions', { part: 'owner' }) ??
      process.now('hunt_processor_fold_seconds_total').length,
    without: down.map(({ labels }) => labels['dependency']!),
  };
}

function partitionNumbers(process: ProcessFacts): PartitionNumbers[] {
  return process.rates('hunt_processor_fold_seconds_total').map(({ labels, value }) => {
    const partition = labels['partition']!;
    const waits = [
      process.most('hunt_lag_seconds', { consumer: 'processor', partition }),
      process.most('hunt_queue_oldest_seconds', { queue: 'log-inflight', partition }),
    ].filter((seconds) => seconds !== undefined);
    return {
      partition: Number(partition),
      node: process.name,
      decisionsPerSecond: process.rate('hunt_processor_decisions_total', { partition }),
      fold: value,
      waitsSeconds: waits.length === 0 ? null : Math.max(...waits),
      stateBytes: process.most('hunt_processor_state_bytes', { partition }) ?? null,
      archiveLagSeconds:
        process.most('hunt_lag_seconds', { consumer: 'archiver', partition }) ?? null,
    };
  });
}

function queueNumbers(process: ProcessFacts): QueueNumbers[] {
  const keys = new Map<string, Readonly<Record<string, string>>>();
  for (const metric of ['hunt_queue_entries', 'hunt_queue_bytes'] as const) {
    for (const { labels } of process.now(metric)) keys.set(JSON.stringify(labels), labels);
  }
  return [...keys.values()].map((where) => ({
    queue: where['queue']!,
    node: process.name,
    partition: where['partition'] === undefined ? null : Number(where['partition']),
    entries: exact(process, 'hunt_queue_entries', where),
    bytes: exact(process, 'hunt_queue_bytes', where),
    filled: exact(process, 'hunt_queue_filled_ratio', where),
    oldestSeconds: exact(process, 'hunt_queue_oldest_seconds', where),
  }));
}

/** Of a queue of the whole process, not of those of its partitions. */
function exact(
  process: ProcessFacts,
  metric: Parameters<ProcessFacts['now']>[0],
  where: Readonly<Record<string, string>>,
): number | null {
  const found = process
    .now(metric, where)
    .find(({ labels }) => labels['partition'] === where['partition']);
  return found?.value ?? null;
}
