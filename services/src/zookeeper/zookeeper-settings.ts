import type { MavenServer } from '../download/maven-libraries.ts';

/** 3.9.6 cannot be resolved: Maven Central lacks its parent. */
export const zookeeperServer: MavenServer = {
  name: 'zookeeper',
  version: '3.9.5',
  artifacts: [
    'org.apache.zookeeper:zookeeper:3.9.5',
    'io.dropwizard.metrics:metrics-core:4.2.30',
    'org.xerial.snappy:snappy-java:1.1.10.7',
    'org.slf4j:slf4j-simple:2.0.13',
  ],
};

/** Lines of zoo.cfg that hold on every machine; deploy/compose.yaml has the same. */
export const zookeeperSettings: Readonly<Record<string, string>> = {
  // Sessions of 1 s (2 ticks) to 10 s (20) are granted as asked for.
  tickTime: '500',
  maxClientCnxns: '0',
  'admin.enableServer': 'false',
  '4lw.commands.whitelist': 'srvr,mntr',
};
