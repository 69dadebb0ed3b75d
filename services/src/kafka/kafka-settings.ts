import type { MavenServer } from '../download/maven-libraries.ts';

/** 4.4.0 cannot be resolved: Maven Central lacks one of its parts. */
export const kafkaServer: MavenServer = {
  name: 'kafka',
  version: '4.3.1',
  artifacts: [
    'org.apache.kafka:kafka_2.13:4.3.1',
    'org.apache.logging.log4j:log4j-slf4j-impl:2.25.4',
  ],
};

/** How soon others lead in place of a broker that is gone; docs/decisions/0042 has what each part is for. */
export const replacedSoon = {
  'broker.session.timeout.ms': '1000',
  'broker.heartbeat.interval.ms': '200',
  // Where it led the controllers: a vote comes first, and only then the time-out above begins.
  'controller.quorum.fetch.timeout.ms': '700',
  'controller.quorum.election.timeout.ms': '300',
  'controller.quorum.election.backoff.max.ms': '100',
  // Something to fetch must come well within the time-out of fetching.
  'metadata.max.idle.interval.ms': '200',
  // A follower that hears of a new leader before that one does asks again after this.
  'replica.fetch.backoff.ms': '100',
} as const;

/** What one node or three share; deploy/compose.yaml has the same. */
export function clusterProperties(brokers: 1 | 3): Record<string, string> {
  const replication = `${brokers}`;
  const minInSync = brokers === 3 ? '2' : '1';
  return {
    'process.roles': 'broker,controller',
    'listener.security.protocol.map': 'PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT',
    'inter.broker.listener.name': 'PLAINTEXT',
    'controller.listener.names': 'CONTROLLER',
    // Topics are made on purpose, with the settings that the log needs.
    'auto.create.topics.enable': 'false',
    'default.replication.factor': replication,
    'min.insync.replicas': minInSync,
    'offsets.topic.replication.factor': replication,
    'offsets.topic.num.partitions': '4',
    'transaction.state.log.replication.factor': replication,
    'transaction.state.log.min.isr': minInSync,
    'transaction.state.log.num.partitions': '4',
    'share.coordinator.state.topic.replication.factor': replication,
    'share.coordinator.state.topic.min.isr': minInSync,
    'group.initial.rebalance.delay.ms': '0',
    'log.cleaner.dedupe.buffer.size': '16777216',
    // A killed broker is back within 5 s; with the defaults it takes 14.
    'broker.session.timeout.ms': '3000',
    'broker.heartbeat.interval.ms': '500',
    'controller.quorum.fetch.timeout.ms': '1000',
    'controller.quorum.election.timeout.ms': '500',
    'controller.quorum.election.backoff.max.ms': '250',
    ...(brokers === 3 ? replacedSoon : {}),
  };
}

/** Warnings and errors only, to standard output. */
export const log4j = `rootLogger.level = warn
rootLogger.appenderRef.out.ref = out
appender.out.type = Console
appender.out.name = out
appender.out.layout.type = PatternLayout
appender.out.layout.pattern = %d %p %c: %m%n
`;
