import { rulesErrors } from '@hunt/rules';
import { veltrixErrors } from 'veltrix';
import type { MetricCatalog } from 'veltrix/telemetry';
import { engineErrors } from '../errors.ts';
import { partitionLabel } from '../metrics/labels.ts';
import type { ProcessTelemetry } from '../metrics/process-telemetry.ts';
import { brownoutLevels, pressureKinds } from './brownout-watch.ts';
import type { GatewayParts } from './gateway-parts.ts';
import { deadlineKinds } from './passed-deadlines.ts';

type MeasuredParts = Pick<
  GatewayParts,
  | 'admission'
  | 'batcher'
  | 'brownout'
  | 'config'
  | 'deadlines'
  | 'live'
  | 'reads'
  | 'refusals'
  | 'readRefusals'
  | 'playerRates'
  | 'joinRates'
  | 'state'
>;

const owner = 'gateway';
const results = ['sent', 'decided', 'refused', 'withdrawn', 'undecided', 'shed'] as const;

export const gatewayMetrics = {
  hunt_gateway_commands_total: {
    ...{ type: 'counter', owner, labels: { result: results } },
    help: 'Commands: sent to partitions, decided, refused by them, taken back unbegun when nobody waited any more, not decided in time, or shed before they were sent.',
    whenItMoves:
      'Shed is overload: see the knee. Refused, withdrawn and undecided: a partition or the log is in trouble.',
  },
  hunt_gateway_records_total: {
    ...{ type: 'counter', owner },
    help: 'Records of commands sent to partitions.',
    whenItMoves:
      'Commands by records is how many share one sync of the disk: it grows under load, as it should.',
  },
  hunt_gateway_decision_seconds: {
    ...{ type: 'histogram', owner },
    help: 'From sending a command to its durable decision.',
    whenItMoves:
      'Slow decisions: see the queues for where commands wait, then the threads and the log’s syncs.',
    buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5],
  },
  hunt_gateway_inflight_commands: {
    ...{ type: 'gauge', owner },
    help: 'Commands that wait for their decision.',
    whenItMoves:
      'It follows the load times how long a decision takes. Towards its limit commands are shed.',
  },
  hunt_gateway_admission_limit_commands: {
    ...{ type: 'gauge', owner },
    help: 'Single commands that may wait for their decision, of all partitions that do not stand apart; infinite without overload.',
    whenItMoves: 'A finite number is an overload that is being refused in part: add capacity.',
  },
  hunt_gateway_apart_partitions: {
    ...{ type: 'gauge', owner },
    help: 'Partitions that wait alone: much longer than the others, or without any decision. Admission judges each of them by itself.',
    whenItMoves:
      'The owner of a partition stands still or is slow, or one partition has more than a thread can decide. See the oldest of gateway-partition for which.',
  },
  hunt_gateway_partition_shed_commands_total: {
    ...{ type: 'counter', owner, labels: { partition: partitionLabel } },
    help: 'Of the commands that were shed, those that only their partition had no room for, or was too slow for; where there are several.',
    whenItMoves:
      'Players of that partition are turned away and no others: see which node owns it, and hunt doctor.',
  },
  hunt_gateway_rate_limited_requests_total: {
    ...{ type: 'counter', owner, labels: { of: ['player', 'join'] } },
    help: 'Requests above the rate of a player or an address.',
    whenItMoves:
      'Somebody tries codes by machine, or many players share an address: raise the rate for those.',
  },
  hunt_gateway_errors_total: {
    ...{
      type: 'counter',
      owner,
      labels: {
        id: [veltrixErrors, rulesErrors, engineErrors].flatMap(({ definitions }) =>
          Object.keys(definitions),
        ),
      },
    },
    help: 'Requests answered with an error, by its id.',
    whenItMoves: 'docs/errors has a page for each id: its cause and what helps.',
  },
  hunt_gateway_live_connections: {
    ...{ type: 'gauge', owner },
    help: 'Open live connections.',
    whenItMoves:
      'A sudden fall is a network or a proxy that cut them; all come back within seconds.',
  },
  hunt_gateway_live_limit_connections: {
    ...{ type: 'gauge', owner },
    help: 'Connections that are taken at most.',
    whenItMoves:
      'It should not: it is a setting, lowered at the start where the system allows fewer open files.',
  },
  hunt_gateway_live_events_total: {
    ...{ type: 'counter', owner, labels: { result: ['sent', 'dropped'] } },
    help: 'Events pushed to live connections, and connections closed as too slow.',
    whenItMoves: 'Dropped: clients that read too slowly, or a network that is full.',
  },
  hunt_gateway_late_requests_total: {
    ...{ type: 'counter', owner, labels: { of: deadlineKinds } },
    help: 'Requests that were not handed over, or not answered, before whoever asked had given up. Commands that were taken back are not among them; joins that were are.',
    whenItMoves:
      'Uploads are slow, or something that requests wait for is: see the dependencies and the queues, the log first where withdrawn commands grow, too.',
  },
  hunt_gateway_read_inflight_requests: {
    ...{ type: 'gauge', owner },
    help: 'Reads that are being answered.',
    whenItMoves: 'Towards gateway.readsMax: what reads ask is slow. See the dependencies.',
  },
  hunt_gateway_read_requests_total: {
    ...{ type: 'counter', owner, labels: { result: ['answered', 'full', 'browned-out'] } },
    help: 'Reads: answered, turned away because too many were inside, turned away by brown-out.',
    whenItMoves: 'Turned away: see the brown-out level, and which dependency is slow.',
  },
  hunt_gateway_brownout_state: {
    ...{ type: 'gauge', owner },
    help: 'What is left out: 0 nothing, 1 pushes of standings, 2 also their freshness, 3 also some of the other reads.',
    whenItMoves:
      'The gateway has been short of something for seconds: see its pressure. Add gateways or cores.',
  },
  hunt_gateway_brownout_least_state: {
    ...{ type: 'gauge', owner },
    help: 'Level of brown-out that holds whatever the pressure, as gateway.brownoutLeast says.',
    whenItMoves: 'Somebody has pinned the level: see who and why with hunt config history.',
  },
  hunt_gateway_brownout_served_ratio: {
    ...{ type: 'gauge', owner },
    help: 'Share of the reads that brown-out lets through to be answered: 1 below level 3, 0 where level 3 is pinned.',
    whenItMoves:
      'There is not room for all reads: it falls with each second of pressure, to a half at least, and grows in calm.',
  },
  hunt_gateway_brownout_seconds_total: {
    ...{ type: 'counter', owner, labels: { level: brownoutLevels.map(String) } },
    help: 'Time at each level of brown-out.',
    whenItMoves: 'Players have seen less than there is for so long: docs/staying-up.md says what.',
  },
  hunt_gateway_brownout_pressure_ratio: {
    ...{ type: 'gauge', owner, labels: { of: pressureKinds } },
    help: 'Pressure of the last second by what is short; where the greatest is 1 or more for two of them the level rises.',
    whenItMoves:
      'loop-delay: see the main thread. command-age: see the oldest of gateway-inflight. refusals: see the commands that are shed.',
  },
  hunt_gateway_impairments: {
    ...{ type: 'gauge', owner },
    help: 'Partitions and roles that have stopped for good; /healthz names them.',
    whenItMoves: 'Above 0: read /healthz, mend what it names, start the process again.',
  },
  hunt_gateway_ready_state: {
    ...{ type: 'gauge', owner },
    help: 'Whether requests are taken: 1 or 0.',
    whenItMoves: '0 while it starts and stops. Else as for impairments.',
  },
} as const satisfies MetricCatalog;

/** What an operator can see of the gateway. Returns what counts the errors it answers with. */
export function measureGateway(
  parts: MeasuredParts,
  { registry, queues }: ProcessTelemetry,
): (id: string) => void {
  const {
    admission,
    batcher,
    config,
    live,
    playerRates,
    joinRates,
    refusals,
    readRefusals,
    state,
  } = parts;
  const { counts } = batcher;
  registry.measure('hunt_gateway_commands_total', ['result'], (emit) => {
    for (const result of results) emit(counts[result], result);
  });
  registry.value('hunt_gateway_records_total', () => counts.records);
  registry.value('hunt_gateway_inflight_commands', () => batcher.inflightCommands);
  registry.value('hunt_gateway_admission_limit_commands', () => admission.limit);
  registry.value('hunt_gateway_apart_partitions', () => admission.apartPartitions);
  registry.measure('hunt_gateway_partition_shed_commands_total', ['partition'], (emit) => {
    const { shedOf } = batcher;
    const shown = shedOf.length === 1 ? 0 : Math.min(shedOf.length, partitionLabel.upTo);
    for (let partition = 0; partition < shown; partition++) {
      emit(shedOf[partition]!, String(partition));
    }
  });
  registry.measure('hunt_gateway_rate_limited_requests_total', ['of'], (emit) => {
    emit(playerRates.limited, 'player');
    emit(joinRates.limited, 'join');
  });
  registry.value('hunt_gateway_live_connections', () => live.connections);
  registry.value('hunt_gateway_live_limit_connections', () => config.current.connectionsMax);
  registry.measure('hunt_gateway_live_events_total', ['result'], (emit) => {
    emit(live.counts.events, 'sent');
    emit(live.counts.dropped, 'dropped');
  });
  const { brownout, deadlines, reads } = parts;
  registry.measure('hunt_gateway_late_requests_total', ['of'], (emit) => {
    for (const kind of deadlineKinds) emit(deadlines.counts[kind], kind);
  });
  registry.value('hunt_gateway_read_inflight_requests', () => reads.inflight);
  registry.measure('hunt_gateway_read_requests_total', ['result'], (emit) => {
    emit(reads.counts.answered, 'answered');
    emit(reads.counts.full, 'full');
    emit(reads.counts.brownedOut, 'browned-out');
  });
  registry.value('hunt_gateway_brownout_state', () => brownout.level);
  registry.value('hunt_gateway_brownout_least_state', () => brownout.least);
  registry.value('hunt_gateway_brownout_served_ratio', () => brownout.servedReads);
  registry.measure('hunt_gateway_brownout_seconds_total', ['level'], (emit) => {
    for (const level of brownoutLevels) emit(brownout.spentMs[level] / 1_000, String(level));
  });
  registry.measure('hunt_gateway_brownout_pressure_ratio', ['of'], (emit) => {
    for (const kind of pressureKinds) emit(brownout.pressures[kind], kind);
  });
  registry.value('hunt_gateway_impairments', () => state.impairments.length);
  registry.value('hunt_gateway_ready_state', () => (state.phase === 'ready' ? 1 : 0));
  const decisionSeconds = registry.histogram('hunt_gateway_decision_seconds');
  batcher.onBatchDecided = (milliseconds, commands) =>
    decisionSeconds.observe(milliseconds / 1_000, commands);
  queues.add('gateway-inflight', (emit) =>
    emit({
      entries: batcher.inflightCommands,
      limitEntries: config.current.inflightMaxCommands,
      bytes: batcher.inflightBytes,
      limitBytes: config.current.inflightMaxBytes,
      oldestSeconds: batcher.inflightAgeMs / 1_000,
    }),
  );
  queues.add('gateway-partition', (emit) => {
    const partitions = batcher.inflightOfPartitions();
    if (partitions.length === 1) return;
    for (const [partition, of] of partitions.entries()) {
      emit(
        {
          ...{ entries: of.commands, limitEntries: of.commandLimit },
          ...{ bytes: of.bytes, limitBytes: of.byteLimit },
          oldestSeconds: of.ageMs / 1_000,
        },
        partition,
      );
    }
  });
  queues.add('gateway-admission', (emit) =>
    emit({ entries: admission.inflight, limitEntries: admission.limit }),
  );
  queues.add('gateway-pending', (emit) =>
    emit({
      entries: batcher.pendingCommands,
      limitEntries: config.current.inflightMaxCommands,
      oldestSeconds: batcher.pendingAgeMs / 1_000,
    }),
  );
  queues.add('gateway-refusals', (emit) =>
    emit({
      entries: refusals.waiting + readRefusals.waiting,
      limitEntries: config.current.connectionsMax,
      oldestSeconds: Math.max(refusals.ageMs, readRefusals.ageMs) / 1_000,
    }),
  );
  const errors = new Map<string, number>();
  registry.measure('hunt_gateway_errors_total', ['id'], (emit) => {
    for (const [id, count] of errors) emit(count, id);
  });
  return (id) => errors.set(id, (errors.get(id) ?? 0) + 1);
}
