import { serverRefusesRule } from './judge.ts';
import type { Rule } from './rule.ts';
import { brokerRules } from './rules/broker-rules.ts';
import { cassandraRules } from './rules/cassandra-rules.ts';
import { clockRules } from './rules/clock-rules.ts';
import { encryptionRules } from './rules/encryption-rules.ts';
import { identityRules } from './rules/identity-rules.ts';
import { machineRules } from './rules/machine-rules.ts';
import { nodeEncryptionRules } from './rules/node-encryption-rules.ts';
import { redisRules } from './rules/redis-rules.ts';
import { settingsRules } from './rules/settings-rules.ts';
import { topicRules } from './rules/topic-rules.ts';
import { zooKeeperRules } from './rules/zookeeper-rules.ts';

/** Every rule there is, by what it is about. */
export const ruleGroups: readonly { readonly title: string; readonly rules: readonly Rule[] }[] = [
  { title: 'Settings among themselves', rules: settingsRules },
  { title: 'The machine', rules: machineRules },
  { title: 'Access to the servers', rules: [serverRefusesRule] },
  { title: 'Encryption', rules: [...encryptionRules, ...nodeEncryptionRules] },
  { title: 'Topics of Kafka', rules: topicRules },
  { title: 'Brokers of Kafka', rules: brokerRules },
  { title: 'One log in all stores', rules: identityRules },
  { title: 'ZooKeeper and the nodes', rules: zooKeeperRules },
  { title: 'Redis', rules: redisRules },
  { title: 'Cassandra', rules: cassandraRules },
  { title: 'Clocks', rules: clockRules },
];

export const allRules: readonly Rule[] = ruleGroups.flatMap(({ rules }) => rules);
