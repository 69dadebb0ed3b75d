import type { Reading, Replica } from './autoscaler.ts';
import type { Workload } from './chart-workloads.ts';
import type { ScalingTarget } from './scaling-policy.ts';

/** Processor time is the mean over this time, as of a metrics server that looks a few times within it. */
export const cpuWindowMs = 8_000;
const timeoutMs = 5_000;

/** Answers of Prometheus to an instant query: by the label `pod`, the empty text where a series has none. */
export type AskPrometheus = (query: string) => Promise<ReadonlyMap<string, number>>;

export function prometheusAt(address: string): AskPrometheus {
  return async (query) => {
    const url = `http://${address}/api/v1/query?query=${encodeURIComponent(query)}`;
    const response = await fetch(url, { signal: AbortSignal.timeout(timeoutMs) });
    const answer = (await response.json()) as {
      readonly status: string;
      readonly error?: string;
      readonly data?: {
        readonly result: readonly {
          readonly metric: Readonly<Record<string, string>>;
          readonly value: readonly [number, string];
        }[];
      };
    };
    if (answer.status !== 'success') throw new Error(`Prometheus: ${answer.error} (${query})`);
    return new Map(
      answer.data!.result.map(({ metric, value }) => [metric['pod'] ?? '', Number(value[1])]),
    );
  };
}

/**
 * Asks for every target of a role what it is now: processor time as a metrics server has it, metrics of pods as an
 * adapter for custom metrics hands them on (all series of a pod added up, its default), and a whole role's as KEDA asks
 * Prometheus, with the chart's own query.
 */
export async function measuredReadings(
  { role, policy, requestedCores }: Workload,
  replicas: readonly Replica[],
  ask: AskPrometheus,
): Promise<Reading[]> {
  const one = async (target: ScalingTarget): Promise<Reading> => {
    const { name: of, target: wanted } = target;
    if (target.kind === 'value') {
      const answer = await ask(target.query).catch(() => new Map<string, number>());
      return { of, target: wanted, value: answer.get('') };
    }
    const answer = await ask(queryOf(target, role)).catch(() => new Map<string, number>());
    const share = target.kind === 'cpu' ? requestedCores : 1;
    const values = replicas.flatMap(({ name }) => {
      const value = answer.get(name);
      return value === undefined ? [] : [[name, value / share] as const];
    });
    return { of, target: wanted, values: new Map(values) };
  };
  return Promise.all((policy?.targets ?? []).map(one));
}

function queryOf(target: Exclude<ScalingTarget, { readonly kind: 'value' }>, role: string): string {
  const ofRole = `role="${role}"`;
  if (target.kind === 'cpu') {
    const window = `[${cpuWindowMs / 1_000}s]`;
    return `sum by (pod) (rate(hunt_process_cpu_seconds_total{${ofRole}}${window}))`;
  }
  const labels = Object.entries(target.selector).map(([label, value]) => `${label}="${value}"`);
  return `sum by (pod) (${target.name}{${[ofRole, ...labels].join()}})`;
}
