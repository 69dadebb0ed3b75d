/** What a test file takes of a machine with two cores that does nothing else. */
export interface FileCost {
  /** From its start to its end. */
  readonly seconds: number;
  /** Kept busy meanwhile, on average, by all its processes: their processor time over `seconds`. */
  readonly cores: number;
}

/** Of the machine that tests are made for. */
export const machineCores = 2;

/** Of the others, none takes so long that it should not begin last; most of them work all the time. */
const usual: FileCost = { seconds: 1, cores: 1 };

/** Runs alone: what it does has time limits, or says little when others have the cores. */
const alone = machineCores;

/** Others of them take what `usual` says, or have not been looked at. */
export const fileCosts: Readonly<Record<string, FileCost>> = {
  // A bound: measured only where others used the machine.
  'bench/src/bench-cluster.int.test.ts': { seconds: 90, cores: 1.2 },
  'bench/src/bench-sizing.int.test.ts': { seconds: 125, cores: 0.4 },
  'bench/src/bench.int.test.ts': { seconds: 45, cores: alone },
  'chaos/src/chaos.int.test.ts': { seconds: 90, cores: alone },
  'packages/cli/src/cluster/cluster-commands.int.test.ts': { seconds: 70, cores: 0.5 },
  'packages/cli/src/config/config-cluster.int.test.ts': { seconds: 20, cores: 0.5 },
  'packages/cli/src/doctor/broken-server.int.test.ts': { seconds: 107, cores: 0.6 },
  'packages/cli/src/documentation-examples.test.ts': { seconds: 40, cores: 1 },
  'packages/cli/src/load/load-command.test.ts': { seconds: 16, cores: 1 },
  'packages/cli/src/preflight/preflight.int.test.ts': { seconds: 60, cores: 0.8 },
  'packages/cli/src/serve/cluster-documentation.int.test.ts': { seconds: 54, cores: 0.5 },
  'packages/cli/src/serve/cluster-encryption.int.test.ts': { seconds: 60, cores: 0.9 },
  'packages/cli/src/serve/cluster-metrics.int.test.ts': { seconds: 45, cores: 0.9 },
  'packages/cli/src/serve/cluster-outages.int.test.ts': { seconds: 76, cores: alone },
  'packages/cli/src/serve/cluster-retention.int.test.ts': { seconds: 43, cores: 0.8 },
  'packages/cli/src/serve/cluster-roles.int.test.ts': { seconds: 60, cores: 0.8 },
  'packages/cli/src/serve/cluster-secured.int.test.ts': { seconds: 35, cores: 0.7 },
  'packages/cli/src/serve/cluster-start.int.test.ts': { seconds: 85, cores: 0.9 },
  'packages/cli/src/serve/cluster-stop.int.test.ts': { seconds: 45, cores: 0.8 },
  'packages/cli/src/serve/cluster-traces.int.test.ts': { seconds: 18, cores: 1 },
  'packages/cli/src/serve/cluster.int.test.ts': { seconds: 40, cores: 0.8 },
  'packages/engine/src/archive/cassandra/cassandra-archive.int.test.ts': {
    seconds: 90,
    cores: 0.9,
  },
  'packages/engine/src/archive/cassandra/cassandra-security.int.test.ts': {
    seconds: 13,
    cores: 0.8,
  },
  'packages/engine/src/bus/redis/redis-bus.int.test.ts': { seconds: 3, cores: 0.5 },
  'packages/engine/src/control/cluster-control.test.ts': { seconds: 18, cores: 1 },
  'packages/engine/src/diagnosis/redis-down.int.test.ts': { seconds: 4, cores: 0.5 },
  'packages/engine/src/diagnosis/slow-redis.int.test.ts': { seconds: 4, cores: 0.5 },
  'packages/engine/src/identity/cassandra/cassandra-identity.int.test.ts': {
    seconds: 30,
    cores: 0.8,
  },
  'packages/engine/src/redis/redis-security.int.test.ts': { seconds: 9, cores: 0.5 },
  'packages/engine/src/views/redis/redis-views.crowd.int.test.ts': { seconds: 4, cores: 0.5 },
  'packages/engine/src/views/redis/redis-views.failures.int.test.ts': { seconds: 5, cores: 0.5 },
  'packages/engine/src/views/redis/redis-views.int.test.ts': { seconds: 3, cores: 0.7 },
  'packages/engine/src/views/redis/redis-views.orders.int.test.ts': { seconds: 1, cores: 1 },
  'packages/engine/src/views/redis/redis-views.staleness.int.test.ts': { seconds: 6, cores: 0.5 },
  'packages/engine/src/views/redis/standings-order.int.test.ts': { seconds: 2, cores: 1.3 },
  'packages/veltrix/src/coordination/heartbeat.int.test.ts': { seconds: 5, cores: 1 },
  'packages/veltrix/src/coordination/zookeeper/zookeeper-coordination.int.test.ts': {
    seconds: 9,
    cores: 0.5,
  },
  'packages/veltrix/src/coordination/zookeeper/zookeeper-outage.int.test.ts': {
    seconds: 30,
    cores: 0.5,
  },
  'packages/veltrix/src/coordination/zookeeper/zookeeper-security.int.test.ts': {
    seconds: 11,
    cores: 0.5,
  },
  'packages/veltrix/src/log/kafka/kafka-one-broker.int.test.ts': { seconds: 60, cores: 0.5 },
  'packages/veltrix/src/log/kafka/kafka-security.int.test.ts': { seconds: 18, cores: 0.6 },
  'packages/veltrix/src/log/kafka/kafka-three-brokers.int.test.ts': { seconds: 45, cores: 1 },
  'packages/veltrix/src/processor/processor.test.ts': { seconds: 11, cores: 1 },
  'scripts/alerts/promtool.int.test.ts': { seconds: 10, cores: 1 },
  'scripts/command-line.test.ts': { seconds: 11, cores: 1 },
  'scripts/dashboards/panels.int.test.ts': { seconds: 11, cores: 1.2 },
  'scripts/deploy/checks.int.test.ts': { seconds: 4, cores: 1 },
  'scripts/release/install.int.test.ts': { seconds: 3, cores: 1 },
  'services/src/cassandra/cassandra.int.test.ts': { seconds: 20, cores: 0.9 },
  'services/src/documentation.int.test.ts': { seconds: 1, cores: 1 },
  'services/src/kafka/kafka.int.test.ts': { seconds: 16, cores: 1 },
  'services/src/prometheus/prometheus.int.test.ts': { seconds: 1, cores: 0.5 },
  'services/src/redis/redis.int.test.ts': { seconds: 5, cores: 0.5 },
  'services/src/stack/stack.int.test.ts': { seconds: 7, cores: 0.5 },
  'services/src/zookeeper/zookeeper.int.test.ts': { seconds: 3, cores: 0.5 },
};

/** A cluster in company may miss its time limits: nobody has looked yet how much company this one bears. */
const unknownServers: FileCost = { seconds: 60, cores: machineCores };

/** Starts real servers: processes that want the memory and the cores of a small machine. */
export function isServerTest(file: string): boolean {
  return file.endsWith('.int.test.ts');
}

export function fileCost(file: string): FileCost {
  return fileCosts[file] ?? (isServerTest(file) ? unknownServers : usual);
}
