import { sharesOf } from './capacity.ts';
import { planningFigures as figures } from './planning-figures.ts';
import { bytes, type Reason, shown } from './reasoning.ts';
import type { SizeRequest } from './size-request.ts';

/** The servers beside the engine. */
export interface ServiceSizes {
  readonly kafka: {
    readonly brokers: number;
    readonly replication: number;
    /** At the peak, of one broker. */
    readonly writtenBytesPerSecond: number;
    /** Of one broker, for the whole time. */
    readonly diskBytes: number;
  };
  readonly cassandra: {
    readonly nodes: number;
    readonly replication: number;
    readonly diskBytes: number;
  };
  /** One that is written, and as many copies. */
  readonly redis: {
    readonly nodes: number;
    readonly copies: number;
    readonly memoryBytes: number;
  };
  readonly zookeeper: { readonly nodes: number };
  readonly reasons: readonly Reason[];
}

const redisStartBytes = 64 * 2 ** 20;
const redisUpdates = 1 / figures.viewUpdateSeconds.value;
const zookeepers = 3;

/** @param logBytes of one arrival */
export function serviceSizes(
  { peak, arrivals, mix }: SizeRequest,
  teams: number,
  logBytes: number,
): ServiceSizes {
  const copies = figures.replicas.value;
  const room = figures.diskRoom.value;
  const share = figures.serverShare.value;
  const written = peak * logBytes * copies;
  const brokers = Math.max(copies, Math.ceil(written / figures.brokerBytes.value));
  const kept = arrivals * logBytes * copies * room;
  const shares = sharesOf(mix);
  const decided = 1 - (shares.get('standings') ?? 0) - (shares.get('progress') ?? 0);
  const events = peak * decided * copies;
  const cassandraNodes = Math.max(
    copies,
    Math.ceil(events / (figures.cassandraEvents.value * share)),
  );
  const redisNodes = Math.max(1, Math.ceil((peak * decided) / (redisUpdates * share)));
  const redisBytes = (redisStartBytes + (teams * figures.redisTeamBytes.value) / redisNodes) * room;
  return {
    kafka: {
      ...{ brokers, replication: copies, writtenBytesPerSecond: written / brokers },
      diskBytes: kept / brokers,
    },
    cassandra: {
      ...{ nodes: cassandraNodes, replication: copies, diskBytes: kept / cassandraNodes },
    },
    redis: { nodes: redisNodes, copies: 1, memoryBytes: redisBytes },
    zookeeper: { nodes: zookeepers },
    reasons: [
      {
        what: 'Kafka brokers',
        sum: `${shown(peak)}/s × ${bytes(logBytes)} × ${copies} copies = ${bytes(written)}/s; by ${bytes(figures.brokerBytes.value)}/s each, and ${copies} at least: ${brokers}`,
        source: `calibration: bytes of the log; per broker ${figures.brokerBytes.source}`,
      },
      {
        what: 'disk of a broker',
        sum: `${shown(arrivals)} arrivals × ${bytes(logBytes)} × ${copies} × ${room} ÷ ${brokers} = ${bytes(kept / brokers)}`,
        source: `room ${figures.diskRoom.source}; log.retainBytes keeps less`,
      },
      {
        what: 'Cassandra nodes',
        sum: `${shown(peak * decided)} events/s × ${copies} ÷ (${shown(figures.cassandraEvents.value)} × ${share}), and ${copies} at least = ${cassandraNodes}; ${bytes(kept / cassandraNodes)} each`,
        source: figures.cassandraEvents.source,
      },
      {
        what: 'memory of Redis',
        sum: `(${bytes(redisStartBytes)} + ${shown(teams)} teams × ${figures.redisTeamBytes.value} B ÷ ${redisNodes}) × ${room} = ${bytes(redisBytes)}, and one copy`,
        source: `${figures.redisTeamBytes.source}; twice for snapshots`,
      },
      {
        what: 'ZooKeeper nodes',
        sum: `${zookeepers}, of which one may be lost`,
        source: 'cost is flat in load: docs/performance.md, nodes',
      },
    ],
  };
}
