import type { ServiceName } from './availability.ts';
import { startCassandraGroup } from './cassandra/cassandra.ts';
import { probeCassandra } from './cassandra/cassandra-probe.ts';
import { startKafkaGroup } from './kafka/kafka.ts';
import { probeKafka } from './kafka/kafka-probe.ts';
import { probePrometheus, startPrometheusGroup } from './prometheus/prometheus.ts';
import { startRedisGroup } from './redis/redis.ts';
import { probeRedis } from './redis/redis-probe.ts';
import type { ServerGroup } from './run/server-group.ts';
import { probeZooKeeper, startZooKeeperGroup } from './zookeeper/zookeeper.ts';

/** How the command starts a service, and asks one of its servers whether it works. */
interface Service {
  readonly start: () => Promise<ServerGroup>;
  readonly probe: (address: string, signal: AbortSignal) => Promise<void>;
}

export const services: Readonly<Record<ServiceName, Service>> = {
  kafka: {
    start: () => startKafkaGroup({}),
    probe: (address, signal) => probeKafka(address, 1, signal),
  },
  kafka3: {
    start: () => startKafkaGroup({ brokers: 3 }),
    probe: (address, signal) => probeKafka(address, 3, signal),
  },
  cassandra: { start: () => startCassandraGroup({}), probe: probeCassandra },
  redis: { start: () => startRedisGroup({}), probe: probeRedis },
  zookeeper: { start: () => startZooKeeperGroup({}), probe: probeZooKeeper },
  prometheus: { start: () => startPrometheusGroup({}), probe: probePrometheus },
};
