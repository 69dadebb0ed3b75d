import type { MavenServer } from '../download/maven-libraries.ts';

export const cassandraServer: MavenServer = {
  name: 'cassandra',
  version: '5.0.9',
  artifacts: ['org.apache.cassandra:cassandra-all:5.0.9'],
};

/** Comes with the server's jars and measures its memtables. */
export const memoryAgent = 'jamm-0.4.0.jar';

/** Lines of cassandra.yaml that hold on every machine; deploy/compose.yaml has the same. */
export const cassandraSettings: Readonly<Record<string, string>> = {
  cluster_name: 'hunt',
  num_tokens: '1',
  partitioner: 'org.apache.cassandra.dht.Murmur3Partitioner',
  endpoint_snitch: 'SimpleSnitch',
  authenticator: 'AllowAllAuthenticator',
  authorizer: 'AllowAllAuthorizer',
  // With `periodic`, its default, a SIGKILL lost hundreds of acknowledged rows.
  commitlog_sync: 'group',
  commitlog_sync_group_window: '10ms',
  commitlog_segment_size: '32MiB',
  memtable_heap_space: '256MiB',
  memtable_offheap_space: '256MiB',
  auto_snapshot: 'false',
};

const exported = [
  'java.base/jdk.internal.misc',
  'java.management.rmi/com.sun.jmx.remote.internal.rmi',
  'java.rmi/sun.rmi.registry',
  'java.rmi/sun.rmi.server',
  'java.sql/java.sql',
  'java.base/java.lang.ref',
  'jdk.unsupported/sun.misc',
];

const opened = [
  ...[
    'java.lang.module',
    'jdk.internal.loader',
    'jdk.internal.ref',
    'jdk.internal.reflect',
    'jdk.internal.math',
    'jdk.internal.module',
    'jdk.internal.util.jar',
    'sun.nio.ch',
    'java.io',
    'java.nio',
    'java.lang',
    'java.lang.reflect',
    'java.math',
    'java.net',
    'java.util',
    'java.util.concurrent',
    'java.util.concurrent.atomic',
  ].map((name) => `java.base/${name}`),
  'jdk.management/com.sun.management.internal',
];

/** Parts of Java 17 that Cassandra reaches into. */
export const moduleAccess = [
  ...exported.map((name) => `--add-exports=${name}=ALL-UNNAMED`),
  ...opened.map((name) => `--add-opens=${name}=ALL-UNNAMED`),
];

/** Warnings and errors only, to standard output. */
export const logback = `<configuration>
  <appender name="out" class="ch.qos.logback.core.ConsoleAppender">
    <encoder><pattern>%date %level %logger: %msg%n</pattern></encoder>
  </appender>
  <root level="WARN"><appender-ref ref="out"/></root>
</configuration>
`;
