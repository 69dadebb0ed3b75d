export { type ServiceName, whyNotAvailable } from './availability.ts';
export { type KafkaOptions, type RunningKafka, startKafka } from './kafka/kafka.ts';
export type { RunningServers } from './run/running-servers.ts';
