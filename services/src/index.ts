export {
  type ServiceName,
  whyNoCertificates,
  whyNoJMeter,
  whyNotAvailable,
} from './availability.ts';
export {
  type CassandraOptions,
  type RunningCassandra,
  startCassandra,
} from './cassandra/cassandra.ts';
export {
  type Certificates,
  type Certified,
  makeCertificates,
} from './certificates/certificates.ts';
export { type WrongAccess, wrongAccesses } from './certificates/wrong-access.ts';
export { type JMeterRun, type JMeterSample, runJMeter } from './jmeter/jmeter.ts';
export { type KafkaOptions, type RunningKafka, startKafka } from './kafka/kafka.ts';
export {
  type PrometheusOptions,
  type RunningPrometheus,
  startPrometheus,
} from './prometheus/prometheus.ts';
export { type Direction, FaultProxy } from './proxy/fault-proxy.ts';
export { type RedisOptions, type RunningRedis, startRedis } from './redis/redis.ts';
export { freePorts } from './run/free-ports.ts';
export type { RunningServers } from './run/running-servers.ts';
export {
  type RunningZooKeeper,
  startZooKeeper,
  type ZooKeeperOptions,
} from './zookeeper/zookeeper.ts';
