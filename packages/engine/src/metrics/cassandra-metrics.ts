import type { MetricCatalog } from 'veltrix/telemetry';
import type { CassandraTraffic } from '../archive/cassandra/cassandra-traffic.ts';
import type { EngineRegistry } from './engine-metrics.ts';
import type { QueueBook } from './queue-metrics.ts';

/** Who asks Cassandra. */
const users = ['archive', 'identity'] as const;
type CassandraUser = (typeof users)[number];

const owner = 'archiver, gateway';
const labels = { of: users } as const;

export const cassandraMetrics = {
  hunt_cassandra_inflight_requests: {
    ...{ type: 'gauge', owner, labels },
    help: 'Requests to Cassandra on their way.',
    whenItMoves: 'At its limit for long: others wait here. See whether Cassandra is slow.',
  },
  hunt_cassandra_limit_requests: {
    ...{ type: 'gauge', owner, labels },
    help: 'Requests to Cassandra that may be on their way at once.',
    whenItMoves: 'It should not, unless somebody changes the setting.',
  },
  hunt_cassandra_retries_requests_total: {
    ...{ type: 'counter', owner, labels: { ...labels, result: ['sent', 'withheld'] } },
    help: 'Requests to Cassandra that failed and were made again where another server could be asked, and those that failed for good because the budget was spent.',
    whenItMoves:
      'Servers of Cassandra are overloaded or away: see their own figures. Withheld: so much fails that to ask again would only add to it.',
  },
} as const satisfies MetricCatalog;

/** How this process asks Cassandra. */
export class CassandraTraffics {
  readonly #queues: QueueBook;
  readonly #traffics = new Map<CassandraUser, CassandraTraffic>();

  constructor(registry: EngineRegistry, queues: QueueBook) {
    this.#queues = queues;
    registry.measure('hunt_cassandra_inflight_requests', ['of'], (emit) => {
      for (const [of, { gate }] of this.#traffics) emit(gate.requests, of);
    });
    registry.measure('hunt_cassandra_limit_requests', ['of'], (emit) => {
      for (const [of, { gate }] of this.#traffics) emit(gate.limits.maxRequests, of);
    });
    registry.measure('hunt_cassandra_retries_requests_total', ['of', 'result'], (emit) => {
      for (const [of, { retries }] of this.#traffics) {
        emit(retries.counts.allowed, of, 'sent');
        emit(retries.counts.withheld, of, 'withheld');
      }
    });
  }

  add(of: CassandraUser, traffic: CassandraTraffic): void {
    const { gate } = traffic;
    this.#traffics.set(of, traffic);
    this.#queues.add(`${of}-questions`, (emit) =>
      emit({ entries: gate.waiting, limitEntries: gate.limits.maxWaiting }),
    );
  }
}
