import assert from 'node:assert/strict';
import { syncSeconds } from '../../processor/processor-buckets.ts';
import { readMetricsPage } from '../metrics-page.ts';
import { type Look, ProcessFacts } from '../process-facts.ts';

/** By the series as a page shows it: one value, or that of the first look and of the last. */
export type MadeSeries = Readonly<Record<string, number | readonly [number, number]>>;

const seconds = 5;
const mebibyte = 1_048_576;

/** One process of four cores that decides 1,000 commands a second for two partitions, and is well. */
const healthySeries: MadeSeries = {
  hunt_process_uptime_seconds: [100, 105],
  hunt_process_clock_seconds: [1_795_000_000, 1_795_000_005],
  hunt_process_cpu_seconds_total: [100, 106],
  hunt_process_available_cores: 4,
  hunt_process_resident_bytes: 300 * mebibyte,
  hunt_process_memory_limit_bytes: 8_192 * mebibyte,
  hunt_process_data_free_bytes: 90_000 * mebibyte,
  ...thread('main', 0.4, 0.02),
  ...thread('processors-0', 0.2, 0.005),
  ...thread('processors-1', 0.2, 0.005),
  ...thread('archiver', 0.5, 0.01),
  'hunt_gateway_commands_total{result="sent"}': [1_000, 6_000],
  'hunt_gateway_commands_total{result="decided"}': [1_000, 6_000],
  'hunt_gateway_commands_total{result="shed"}': 0,
  hunt_gateway_admission_limit_commands: Number.POSITIVE_INFINITY,
  hunt_gateway_offered_commands_per_second: 1_000,
  hunt_gateway_live_connections: 40,
  hunt_gateway_live_limit_connections: 20_000,
  'hunt_gateway_knee_ratio{source="utilisation"}': 0.4,
  'hunt_gateway_rate_limited_requests_total{of="player"}': [0, 3],
  'hunt_gateway_read_requests_total{result="answered"}': [1_000, 2_000],
  hunt_gateway_read_inflight_requests: 2,
  'hunt_gateway_late_requests_total{of="command"}': [1, 2],
  hunt_gateway_brownout_state: 0,
  hunt_gateway_brownout_least_state: 0,
  hunt_gateway_brownout_served_ratio: 1,
  'hunt_gateway_brownout_pressure_ratio{of="loop-delay"}': 0.01,
  'hunt_gateway_brownout_pressure_ratio{of="command-age"}': 0.02,
  'hunt_gateway_brownout_pressure_ratio{of="refusals"}': 0,
  ...histogram('hunt_gateway_decision_seconds', '', { 0.005: 4_900, 0.01: 5_000 }, 15),
  ...syncs(0.0004, 2_000),
  'hunt_processor_fold_seconds_total{partition="0"}': [10, 10.5],
  'hunt_processor_fold_seconds_total{partition="1"}': [10, 10.4],
  'hunt_processor_decisions_total{partition="0",status="accepted"}': [500, 3_000],
  'hunt_processor_decisions_total{partition="1",status="accepted"}': [500, 3_000],
  // Some crowd filled it once.
  'hunt_processor_full_table_refusals_total{partition="0",table="outbox"}': 30,
  'hunt_processor_undone_decisions_total{partition="0",of="command",reason="no-room"}': 30,
  'hunt_queue_entries{queue="gateway-inflight"}': 12,
  'hunt_queue_limit_entries{queue="gateway-inflight"}': 20_000,
  'hunt_queue_bytes{queue="gateway-inflight"}': 1_200,
  'hunt_queue_limit_bytes{queue="gateway-inflight"}': 16 * mebibyte,
  'hunt_queue_filled_ratio{queue="gateway-inflight"}': 0.0006,
  'hunt_queue_limit_bytes{queue="log-inflight",partition="0"}': 64 * mebibyte,
  'hunt_queue_oldest_seconds{queue="log-inflight",partition="0"}': 0.001,
  'hunt_queue_filled_ratio{queue="log-inflight",partition="0"}': 0,
  'hunt_queue_limit_entries{queue="archive-questions"}': 1_000,
  'hunt_lag_seconds{consumer="archiver",partition="0"}': 0.3,
  'hunt_lag_records{consumer="archiver",partition="0"}': 50,
  hunt_views_inconsistent_partitions: 0,
  hunt_views_inconsistency_errors_total: 1,
  'hunt_dependency_up_state{dependency="archive"}': 1,
  'hunt_dependency_up_state{dependency="views"}': 1,
  'hunt_dependency_up_state{dependency="processors"}': 1,
};

/** Shares of the time, for all of a thread's series. */
export function thread(name: string, busy: number, collecting: number, kind = 'minor'): MadeSeries {
  const label = `{thread="${name}"}`;
  return {
    [`hunt_thread_active_seconds_total${label}`]: [50, 50 + busy * seconds],
    [`hunt_thread_idle_seconds_total${label}`]: [50, 50 + (1 - busy) * seconds],
    [`hunt_thread_delay_p99_seconds${label}`]: 0.002,
    [`hunt_thread_delay_max_seconds${label}`]: 0.01,
    [`hunt_thread_gc_seconds_total{thread="${name}",kind="${kind}"}`]: [
      1,
      1 + collecting * seconds,
    ],
    [`hunt_thread_gc_collections_total{thread="${name}",kind="${kind}"}`]: [100, 120],
    [`hunt_thread_heap_bytes${label}`]: 60 * mebibyte,
    [`hunt_thread_heap_limit_bytes${label}`]: 2_048 * mebibyte,
  };
}

/** So many syncs of the log, all of about this length in seconds. */
export function syncs(mean: number, count: number): MadeSeries {
  const name = 'hunt_processor_log_sync_seconds';
  const upTo = syncSeconds.map((bound) => [bound, bound < mean ? 0 : count] as const);
  return histogram(name, 'thread="processors-0"', Object.fromEntries(upTo), mean * count);
}

/** What was observed between the looks, on top of 1,000 before: how many were at most each bound. */
function histogram(
  name: string,
  labels: string,
  upTo: Readonly<Record<number, number>>,
  sum: number,
): MadeSeries {
  const before = 1_000;
  const all = Math.max(...Object.values(upTo));
  const series: Record<string, readonly [number, number]> = {};
  const comma = labels === '' ? '' : ',';
  for (const [bound, count] of [...Object.entries(upTo), ['+Inf', all] as const]) {
    series[`${name}_bucket{${labels}${comma}le="${bound}"}`] = [before, before + count];
  }
  series[`${name}_sum{${labels}}`] = [1, 1 + sum];
  series[`${name}_count{${labels}}`] = [before, before + all];
  return series;
}

export interface MadeOptions {
  readonly name?: string;
  /** In place of the healthy ones, or besides them. */
  readonly changes?: MadeSeries;
  /** Beginnings of names of healthy series that this process does not show. */
  readonly without?: readonly string[];
  readonly clock?: Look['clock'];
}

/** A process as two looks at its page would show it. */
export function madeProcess(options: MadeOptions = {}): ProcessFacts {
  const { name = 'one', changes = {}, without = [], clock } = options;
  const healthy = Object.entries(healthySeries).filter(
    ([series]) => !without.some((beginning) => series.startsWith(beginning)),
  );
  const series = Object.entries({ ...Object.fromEntries(healthy), ...changes });
  const look = (index: 0 | 1): Look => {
    const lines = series.map(([label, value]) => {
      const now = typeof value === 'number' ? value : value[index];
      return `${label} ${now === Number.POSITIVE_INFINITY ? '+Inf' : now}`;
    });
    const page = readMetricsPage(lines.join('\n'));
    const shown = [...page.values()].reduce((sum, samples) => sum + samples.length, 0);
    assert.equal(shown, series.length, 'what is made is declared');
    return { at: index * seconds, page, ...(clock && { clock }) };
  };
  return new ProcessFacts(name, [look(0), look(1)]);
}
