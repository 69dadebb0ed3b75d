import { accessSync, constants, existsSync } from 'node:fs';
import path from 'node:path';
import { cassandraServer } from './cassandra/cassandra-settings.ts';
import { librariesDirectory, type MavenServer } from './download/maven-libraries.ts';
import { jmeterProgram } from './jmeter/jmeter-program.ts';
import { kafkaServer } from './kafka/kafka-settings.ts';
import { zookeeperServer } from './zookeeper/zookeeper-settings.ts';

/** What can be started. `kafka3` is three brokers that replicate. */
export const serviceNames = [
  'kafka',
  'kafka3',
  'cassandra',
  'redis',
  'zookeeper',
  'prometheus',
] as const;

export type ServiceName = (typeof serviceNames)[number];

interface ProgramNeeds {
  readonly program: string;
  readonly libraries?: MavenServer;
}

interface Needs extends ProgramNeeds {
  /** Holds the addresses of one that runs already, separated by commas. */
  readonly variable: string;
}

const needs: Readonly<Record<ServiceName, Needs>> = {
  kafka: { variable: 'HUNT_KAFKA', program: 'java', libraries: kafkaServer },
  kafka3: { variable: 'HUNT_KAFKA3', program: 'java', libraries: kafkaServer },
  cassandra: { variable: 'HUNT_CASSANDRA', program: 'java', libraries: cassandraServer },
  redis: { variable: 'HUNT_REDIS', program: 'redis-server' },
  zookeeper: { variable: 'HUNT_ZOOKEEPER', program: 'java', libraries: zookeeperServer },
  prometheus: { variable: 'HUNT_PROMETHEUS', program: 'prometheus' },
};

/** The Debian package of each program that we do not bring. */
const debianPackages: Readonly<Record<string, string>> = {
  java: 'default-jre-headless',
  mvn: 'maven',
  'redis-server': 'redis-server',
  prometheus: 'prometheus',
};

/** The variable of the environment that names a running server of this kind. */
export function addressVariable(service: ServiceName): string {
  return needs[service].variable;
}

/** What it needs from Maven Central; undefined when its program is all. */
export function serviceLibraries(service: ServiceName): MavenServer | undefined {
  return needs[service].libraries;
}

/** Addresses of a server that the environment offers; undefined when we have to start one. */
export function givenAddresses(service: ServiceName): string[] | undefined {
  const value = process.env[addressVariable(service)] ?? '';
  const addresses = value.split(',').map((address) => address.trim());
  const set = addresses.filter((address) => address !== '');
  return set.length === 0 ? undefined : set;
}

/**
 * Why tests of this service have to skip, as the reason of a skip: `needs: java`. Undefined when
 * it can be started, or the environment gives its address.
 */
export function whyNotAvailable(service: ServiceName): string | undefined {
  if (givenAddresses(service) !== undefined) return undefined;
  return reasonOf(missingPrograms(needs[service]));
}

/** As `whyNotAvailable`, of Apache JMeter. */
export function whyNoJMeter(): string | undefined {
  return reasonOf(missingPrograms({ program: 'java', libraries: jmeterProgram }));
}

function reasonOf(missing: readonly string[]): string | undefined {
  return missing.length === 0 ? undefined : `needs: ${missing.join(', ')}`;
}

/** Throws what to install when the service cannot be started. */
export function requirePrograms(service: ServiceName): void {
  const missing = missingPrograms(needs[service]);
  if (missing.length === 0) return;
  const packages = missing.map((program) => debianPackages[program]);
  const { variable } = needs[service];
  throw new Error(
    `${service} needs ${missing.join(' and ')} on the PATH: apt-get install ${packages.join(' ')} ` +
      `on Debian, or set ${variable} to the address of one that runs`,
  );
}

/** As `whyNotAvailable`, of certificates. */
export function whyNoCertificates(): string | undefined {
  return isOnPath('openssl') ? undefined : 'needs: openssl';
}

/** Downloads need Maven; what was downloaded once does not. */
function missingPrograms({ program, libraries }: ProgramNeeds): string[] {
  const missing = isOnPath(program) ? [] : [program];
  if (libraries !== undefined && !existsSync(librariesDirectory(libraries)) && !isOnPath('mvn')) {
    missing.push('mvn');
  }
  return missing;
}

function isOnPath(program: string): boolean {
  const folders = (process.env['PATH'] ?? '').split(path.delimiter);
  return folders.some((folder) => folder !== '' && isExecutable(path.join(folder, program)));
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
