import type { LogIdentity } from 'veltrix';
import type { LevelRange, PeerEncryption } from 'veltrix/cluster';
import type { ConfigValues } from 'veltrix/config';
import type { ClusterConfig } from '../cluster/cluster-config.ts';

/** Values of all settings, as they count for this process. */
export interface SettingFacts {
  readonly values: ConfigValues;
  /** Where a value comes from, by name; what is missing here has its default. */
  readonly places: Readonly<Record<string, string>>;
}

/** What is chosen once for a deployment. */
export interface DeploymentFacts {
  readonly kind: 'embedded' | 'cluster';
  readonly partitions: number;
  readonly dedupeWindow: number;
  /** Where both are said: a file, a data directory, a flag. */
  readonly source: string;
}

export interface MemoryFacts {
  /** Most that this process can have. */
  readonly bytes: number;
  /** The machine, or the control group that bounds it. */
  readonly source: string;
  /** Most that objects of JavaScript may take before the process gives up. */
  readonly heapMaxBytes: number;
}

export interface DiskFacts {
  readonly directory: string;
  readonly totalBytes: number;
  /** To this process. */
  readonly freeBytes: number;
}

/** A clock beside ours. */
export interface ClockFacts {
  readonly server: string;
  /** Ours is so far ahead; negative when it is behind. */
  readonly aheadMs: number;
  /** How far that may be wrong, since the question took time. */
  readonly uncertainMs: number;
}

export interface BrokerFacts {
  /** As `broker 1`. */
  readonly name: string;
  /** All that the broker tells, by name. */
  readonly settings: Readonly<Record<string, string>>;
}

export interface BrokersFacts {
  readonly brokers: readonly BrokerFacts[];
  /** What the engine asks of each: the largest message, and how long an append may take. */
  readonly messageMaxBytes: number;
  readonly appendTimeoutMs: number;
}

export interface TopicFacts {
  readonly name: string;
  readonly cleanup: 'delete' | 'compact';
  /** Of each partition. Empty while the topic is not there. */
  readonly places: readonly {
    /** -1 when there is none. */
    readonly leader: number;
    readonly replicas: number;
    readonly inSync: number;
  }[];
  readonly settings: Readonly<Record<string, string>>;
  /** What the engine needs of it. */
  readonly wanted: {
    readonly partitions: number;
    readonly replication: number;
    readonly settings: Readonly<Record<string, string | number>>;
    readonly advice: Readonly<Record<string, string | number>>;
  };
}

/** What the topics of the log hold. */
interface LogFacts {
  /** As record 0 says it; undefined while there is none. */
  readonly identity: LogIdentity | undefined;
  /** Of the events of each partition: the first offset that is kept, and the one above the last. */
  readonly events: readonly { readonly start: number; readonly end: number }[];
}

interface ZooKeeperFacts {
  readonly place: string;
  /** What the servers made of the session time-out that was asked for. */
  readonly grantedSessionMs: number;
  /** Undefined where no node has ever joined. */
  readonly plan: LogIdentity | undefined;
  /** At which the cluster works, and those that this release knows. */
  readonly level: number;
  readonly known: LevelRange;
  readonly members: readonly {
    readonly nodeId: string;
    readonly address: string;
    readonly roles: readonly string[];
    /** Undefined of a release that does not say. */
    readonly encryption?: PeerEncryption;
  }[];
}

export interface RedisServerFacts {
  readonly address: string;
  readonly version: string;
  readonly role: string;
  readonly isCluster: boolean;
  readonly clusterState: string | undefined;
  readonly evictionPolicy: string | undefined;
  /** 0 is no limit. */
  readonly maxMemoryBytes: number;
  readonly usedMemoryBytes: number;
}

export interface RedisFacts {
  /** Those that answered. */
  readonly servers: readonly RedisServerFacts[];
  /** Those that did not, and how. */
  readonly silent: readonly { readonly address: string; readonly reason: string }[];
}

export interface RedisViewsFacts {
  /** Of the log that the views in Redis were made from; undefined while there are none. */
  readonly logId: string | undefined;
}

export interface CassandraFacts {
  readonly nodes: readonly {
    readonly address: string;
    readonly dataCenter: string;
    readonly schemaVersion: string;
  }[];
  /** Those of the nodes' data centre, `host:port`, to which no connection was made: it failed, or took more than `waitedMs`. */
  readonly silent: readonly string[];
  readonly waitedMs: number;
  /** Replication by keyspace, of those that are there. */
  readonly keyspaces: Readonly<Record<string, Readonly<Record<string, string>>>>;
  /** Of the server that was asked, by name; empty where it does not tell. */
  readonly settings: Readonly<Record<string, string>>;
}

/** What a quorum of Cassandra has to say, where the rest may be known of one server. */
export interface ArchiveFacts {
  /** Of the log that is archived; undefined while there is no archive. */
  readonly logId: string | undefined;
  /** The offset that comes next, by partition; empty while nothing was archived. */
  readonly cursors: Readonly<Record<number, number>>;
}

/** Of the first certificate of a file. */
export interface CertificateFacts {
  readonly setting: string;
  /** Whole days; below 0 for one that has ended. */
  readonly endsInDays: number;
}

/** Everything that rules may look at. */
export interface FactTable {
  readonly settings: SettingFacts;
  readonly deployment: DeploymentFacts;
  readonly cluster: ClusterConfig;
  readonly certificates: readonly CertificateFacts[];
  readonly memory: MemoryFacts;
  readonly cores: number;
  readonly openFilesMax: number;
  readonly disk: DiskFacts;
  readonly brokers: BrokersFacts;
  readonly topics: readonly TopicFacts[];
  readonly log: LogFacts;
  readonly zookeeper: ZooKeeperFacts;
  readonly redis: RedisFacts;
  readonly redisViews: RedisViewsFacts;
  readonly cassandra: CassandraFacts;
  readonly archive: ArchiveFacts;
  readonly redisClock: ClockFacts;
  readonly cassandraClock: ClockFacts;
}

export type FactName = keyof FactTable;

/** What was found out, or why it could not be. */
export type Fact<Value> = { readonly value: Value } | Unasked;

interface Unasked {
  readonly unasked: string;
  /** The server answered, and trying again will not help. */
  readonly refused?: true;
}

/** What is missing does not concern the deployment. */
export type Facts = { readonly [Name in FactName]?: Fact<FactTable[Name]> };

/** In words, for what could not be asked. */
export const factTitles: Readonly<Record<FactName, string>> = {
  settings: 'settings',
  deployment: 'partitions',
  cluster: 'cluster file',
  certificates: 'certificates',
  memory: 'memory',
  cores: 'cores',
  openFilesMax: 'open files',
  disk: 'disk',
  brokers: 'Kafka brokers',
  topics: 'Kafka topics',
  log: 'log',
  zookeeper: 'ZooKeeper',
  redis: 'Redis',
  redisViews: 'standings in Redis',
  cassandra: 'Cassandra',
  archive: 'archive in Cassandra',
  redisClock: 'clock of Redis',
  cassandraClock: 'clock of Cassandra',
};
