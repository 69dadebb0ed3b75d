import type { FactTable, RedisServerFacts, TopicFacts } from '../facts.ts';
import { healthyCluster } from './healthy-facts.ts';

/** Facts in place of healthy ones. */
export type Change = Partial<FactTable>;

/** As somebody sets them in a file. */
export function set(values: Readonly<Record<string, number>>): Change {
  const { settings } = healthyCluster;
  const names = Object.keys(values);
  return {
    settings: {
      values: { ...settings.values, ...values },
      places: Object.fromEntries(names.map((name) => [name, 'hunt.yaml:1:1'])),
    },
  };
}

export function deployment(values: Partial<FactTable['deployment']>): Change {
  return { deployment: { ...healthyCluster.deployment, ...values } };
}

export function cluster<Key extends keyof FactTable['cluster']>(
  key: Key,
  values: FactTable['cluster'][Key] extends object
    ? Partial<FactTable['cluster'][Key]>
    : FactTable['cluster'][Key],
): Change {
  const present = healthyCluster.cluster[key];
  const isSection = typeof present === 'object' && !Array.isArray(present);
  const value = isSection ? { ...present, ...(values as object) } : values;
  return { cluster: { ...healthyCluster.cluster, [key]: value } };
}

export function memory(values: Partial<FactTable['memory']>): Change {
  return { memory: { ...healthyCluster.memory, ...values } };
}

export function disk(values: Partial<FactTable['disk']>): Change {
  return { disk: { ...healthyCluster.disk, ...values } };
}

export function topic(name: string, change: (topic: TopicFacts) => Partial<TopicFacts>): Change {
  const topics = healthyCluster.topics.map((one) =>
    one.name === name ? { ...one, ...change(one) } : one,
  );
  return { topics };
}

export function topicSetting(name: string, key: string, value: string): Change {
  return topic(name, ({ settings }) => ({ settings: { ...settings, [key]: value } }));
}

export function brokerSetting(key: string, value: string): Change {
  const { brokers, ...asked } = healthyCluster.brokers;
  const [first, ...others] = brokers;
  const changed = { ...first!, settings: { ...first!.settings, [key]: value } };
  return { brokers: { ...asked, brokers: [changed, ...others] } };
}

export function brokers(count: number): Change {
  const { brokers, ...asked } = healthyCluster.brokers;
  return { brokers: { ...asked, brokers: brokers.slice(0, count) } };
}

export function zookeeper(values: Partial<FactTable['zookeeper']>): Change {
  return { zookeeper: { ...healthyCluster.zookeeper, ...values } };
}

export function redis(values: Partial<RedisServerFacts>): Change {
  const [server] = healthyCluster.redis.servers;
  return { redis: { ...healthyCluster.redis, servers: [{ ...server!, ...values }] } };
}

export function cassandra(values: Partial<FactTable['cassandra']>): Change {
  return { cassandra: { ...healthyCluster.cassandra, ...values } };
}

export function archive(values: Partial<FactTable['archive']>): Change {
  return { archive: { ...healthyCluster.archive, ...values } };
}

/** Cassandra where the keyspaces have so many copies on so many servers. */
export function copies(count: number, servers: number): Change {
  const replication = { class: 'NetworkTopologyStrategy', dc1: `${count}` };
  const nodes = Array.from({ length: servers }, (_, index) => ({
    ...{ address: `10.0.0.${index}:9042`, dataCenter: 'dc1', schemaVersion: 'a1' },
  }));
  return {
    ...cluster('cassandra', { replication }),
    ...cassandra({ nodes, keyspaces: { hunt: replication } }),
  };
}

export function cassandraSetting(key: string, value: string): Change {
  return cassandra({ settings: { ...healthyCluster.cassandra.settings, [key]: value } });
}
