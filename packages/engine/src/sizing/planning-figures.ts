/** A figure that is not measured by a calibration, with where it comes from. */
export interface PlanningFigure {
  readonly value: number;
  readonly source: string;
}

const measured = (bench: string) => `docs/performance.md, ${bench}, two cores`;
const assumed = 'assumed';

/** What sizes are computed with besides the calibration. */
export const planningFigures = {
  /** Seconds; a gateway reads the decisions of all, to find those it waits for. */
  readBackSeconds: { value: 1 / 503_000, source: measured('kafka') },
  /** Seconds. */
  viewUpdateSeconds: { value: 1 / 254_000, source: measured('views') },
  /** A second, of one Cassandra node. */
  cassandraEvents: { value: 101_000, source: measured('archive') },
  /** Of what a server took in a bench, this much is planned with. */
  serverShare: { value: 0.5, source: assumed },
  /** Bytes a second that one broker writes. */
  brokerBytes: { value: 50e6, source: assumed },
  replicas: { value: 3, source: 'cluster file, kafka.replication' },
  /** Owner and standby fold each partition. */
  folds: { value: 2, source: 'docs/cluster.md' },
  /** Bytes in this process. */
  viewTeamBytes: { value: 66, source: 'views.maxTeams' },
  /** Bytes in Redis: rank, row and index of a team. */
  redisTeamBytes: { value: 600, source: assumed },
  /** Room for compaction, snapshots, and what was never foreseen. */
  diskRoom: { value: 2, source: assumed },
  /** Of the memory of a node that is to be in use at most. */
  memoryShare: { value: 0.75, source: assumed },
  /** Seconds for which a browser keeps its connection. */
  keepAliveSeconds: { value: 72, source: 'gateway.keepAliveMs' },
  /** Share of what can be used that pushes of the standings may take. */
  pushShare: { value: 0.25, source: assumed },
} as const satisfies Readonly<Record<string, PlanningFigure>>;
