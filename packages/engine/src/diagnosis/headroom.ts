import { kneeOf } from './knee.ts';
import type { ProcessFacts } from './process-facts.ts';
import { threadShares } from './threads.ts';

/** How far a deployment is from its limits, each by the process that is nearest; null where nobody tells. */
export interface Headroom {
  /** Commands decided a second, by all gateways. */
  readonly decidedPerSecond: number;
  /** Decisions of the last seconds, in seconds. */
  readonly decisionP99Seconds: number | null;
  /** Load by capacity: 1 is the knee. */
  readonly kneeRatio: number | null;
  readonly busiestThread: { readonly name: string; readonly busy: number } | null;
  readonly fullestQueue: { readonly name: string; readonly filled: number } | null;
  readonly memoryRatio: number | null;
}

export function headroomOf(processes: readonly ProcessFacts[]): Headroom {
  const threads = processes.flatMap((process) =>
    threadShares(process)
      // Nobody waits for it.
      .filter(({ thread }) => thread !== 'archiver')
      .map(({ thread, busy }) => ({ name: `${thread} of ${process.name}`, busy })),
  );
  const queues = processes.flatMap((process) =>
    process
      .now('hunt_queue_filled_ratio')
      .filter(({ labels }) => labels['queue'] !== 'gateway-admission')
      .map(({ labels, value }) => ({
        name: `${labels['queue']} of ${process.name}`,
        filled: value,
      })),
  );
  const p99s = processes.flatMap(
    (one) => one.histogram('hunt_gateway_decision_seconds').quantile(0.99) ?? [],
  );
  const knees = processes.flatMap((one) => kneeOf(one) ?? []);
  const memory = processes.flatMap((one) => {
    const limit = one.most('hunt_process_memory_limit_bytes');
    const held = one.most('hunt_process_resident_bytes');
    return limit === undefined || held === undefined ? [] : held / limit;
  });
  return {
    decidedPerSecond: processes.reduce(
      (sum, one) => sum + one.rate('hunt_gateway_commands_total', { result: 'decided' }),
      0,
    ),
    decisionP99Seconds: highest(p99s),
    kneeRatio: highest(knees),
    busiestThread: threads.sort((one, other) => other.busy - one.busy)[0] ?? null,
    fullestQueue: queues.sort((one, other) => other.filled - one.filled)[0] ?? null,
    memoryRatio: highest(memory),
  };
}

function highest(values: readonly number[]): number | null {
  return values.length === 0 ? null : Math.max(...values);
}
