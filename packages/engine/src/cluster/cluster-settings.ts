import {
  ConfigSchema,
  type ConfigValues,
  configJsonSchema,
  type PropertyTable,
} from 'veltrix/config';
import { clusterRoles } from './cluster-roles.ts';
import { nodeTlsProperties, nodeTlsRelations } from './node-tls-settings.ts';
import { tlsProperties, tlsRelations } from './tls-settings.ts';

const address = { form: /^(|[^\s/:,]+:\d{1,5})$/, formText: 'host:port' } as const;
const keyspace = {
  form: /^[a-z][a-z0-9_]{0,47}$/,
  formText: 'up to 48 of a-z, 0-9 and _, beginning with a letter',
} as const;

const node: PropertyTable = {
  'node.name': {
    ...{ type: 'text', default: '', required: true, alias: 'node' },
    form: /^(|[A-Za-z0-9][A-Za-z0-9._-]{0,63})$/,
    formText: 'up to 64 letters, digits, ".", "_" and "-", beginning with a letter or a digit',
    text: 'Name of the node, as the others call it.',
    why: 'Each node has its own; `--node` says it for nodes that share a file.',
  },
  'node.address': {
    ...{ type: 'text', default: '', required: true, alias: 'address', ...address },
    text: 'Where other nodes ask it. Keep it inside your network.',
    why: 'Each node has its own; `--address` says it for nodes that share a file.',
  },
  'node.zone': {
    ...{ type: 'text', default: '', alias: 'zone' },
    ...{ form: /^.{0,64}$/, formText: 'a text of up to 64 characters' },
    text: 'What it fails together with: a rack, a machine, a data centre.',
    why: "Set it where nodes are in several: a partition's standby is kept in another.",
  },
  'node.capacity': {
    ...{ type: 'ratio', default: 1, least: 0.01, most: 1_000, alias: 'capacity' },
    text: 'Strength in relation to the other nodes.',
    why: 'Set it where machines differ: a node of 2 gets twice the load of one of 1.',
  },
  'node.cores': {
    ...{ type: 'ratio', default: 0, least: 0, most: 10_000, alias: 'cores' },
    text: 'Cores that the node may count on, also parts of one: its load, by which the leader moves partitions and says how many nodes are wanted, is what it uses of them. 0: all that it may use.',
    why: 'Set it where several nodes share a machine, as pods do: to the processor time that each asks for.',
  },
  'node.roles': {
    ...{ type: 'list', default: clusterRoles, choices: clusterRoles, alias: 'roles' },
    text: 'What the node does.',
    why: 'Give nodes fewer roles to scale each by itself.',
  },
  'node.secrets': {
    ...{ type: 'text', default: '', required: true, alias: 'secrets' },
    text: 'Directory with the file `secret`, the same on every node, and the first organiser key; beside the cluster file.',
    why: 'Put it where only the engine may read.',
  },
  'node.clockSkewMaxMs': {
    ...{ type: 'duration', default: 2_000, least: 100, most: 3_600_000 },
    alias: 'clockSkewMaxMs',
    text: "How far the clock of the node may be from ZooKeeper's when it joins.",
    why: 'Lower it where hunts are decided by fractions of a second.',
  },
};

const pinned: PropertyTable = {
  'cluster.partitions': {
    ...{ type: 'integer', default: 1, least: 1, most: 4_096, required: true },
    ...{ unit: 'partitions', alias: 'partitions' },
    text: 'Partitions of the log; pinned when the cluster is made.',
    why: 'Choose a few for each core that is ever to decide.',
  },
  'cluster.dedupeWindow': {
    ...{ type: 'integer', default: 1 << 18, least: 1_024, most: 2 ** 31 },
    ...{ unit: 'command ids', alias: 'dedupeWindow' },
    text: 'Command ids that a partition remembers, a power of two; pinned when the cluster is made.',
    why: 'Raise it where clients may repeat commands after very many others.',
  },
  'identity.keyspace': {
    ...{ type: 'text', default: 'hunt_people', ...keyspace },
    text: 'Where in Cassandra it is kept who people are.',
    why: 'Two clusters on one Cassandra need two.',
  },
  'identity.address': {
    ...{ type: 'text', default: '', ...address },
    text: 'In place of Cassandra: the node that keeps it in a file, which the others ask.',
    why: 'Set it to have personal data on one machine only.',
  },
  'identity.database': {
    ...{ type: 'text', default: 'identity.db' },
    text: 'That file; beside the cluster file.',
    why: 'Goes with identity.address.',
  },
};

const kafka: PropertyTable = {
  'kafka.bootstrap': {
    ...{ type: 'list', default: [], required: true },
    text: 'Some of the brokers, as host:port.',
    why: 'Name two or three, so that one may be away.',
  },
  'kafka.prefix': {
    ...{ type: 'text', default: 'hunt' },
    ...{ form: /^[A-Za-z0-9._-]{1,200}$/, formText: 'up to 200 letters, digits, ".", "_", "-"' },
    text: "First part of the topics' names.",
    why: 'Two clusters on the same brokers need two.',
  },
  'kafka.replication': {
    ...{ type: 'integer', default: 3, least: 1, most: 15, unit: 'copies' },
    text: 'Copies of each record.',
    why: 'Lower it for a single broker, and nowhere else.',
  },
  'kafka.minInSync': {
    ...{ type: 'integer', default: 2, least: 1, most: 15, unit: 'copies' },
    text: 'Copies that have to have a record before it counts; never more than there are.',
    why: 'With 2 of 3, one broker may be lost and nothing is.',
  },
  'kafka.sasl.mechanism': {
    ...{ type: 'choice', default: 'PLAIN', choices: ['PLAIN', 'SCRAM-SHA-256', 'SCRAM-SHA-512'] },
    alias: 'kafka.mechanism',
    text: 'How the password is shown to brokers.',
    why: 'PLAIN sends it as it is: use it with kafka.tls only.',
  },
  'kafka.sasl.username': {
    ...{ type: 'text', default: '', alias: 'kafka.username' },
    text: 'As whom brokers are called.',
    why: 'Set it, and the password, where brokers ask who calls.',
  },
  'kafka.sasl.password': {
    ...{ type: 'secret', default: '', alias: 'kafka.password' },
    text: 'The password of that user.',
    why: 'Goes with kafka.sasl.username.',
  },
  ...tlsProperties('kafka', 'brokers'),
};

const zookeeper: PropertyTable = {
  'zookeeper.connect': {
    ...{ type: 'list', default: [], required: true },
    text: 'The servers, as host:port.',
    why: 'Name all of them.',
  },
  'zookeeper.prefix': {
    ...{ type: 'text', default: '/hunt' },
    ...{ form: /^(\/[A-Za-z0-9._-]+)+$/, formText: '/name, or several of them' },
    text: 'Where the cluster has its place.',
    why: 'Two clusters on the same servers need two.',
  },
  'zookeeper.sessionTimeoutMs': {
    ...{ type: 'duration', default: 3_000, least: 1_000, most: 60_000 },
    text: 'How long a silent node counts as there.',
    why: 'Raise it where nodes are thought lost that are only slow.',
  },
  'zookeeper.credentials': {
    ...{ type: 'secret', default: '' },
    text: 'USER:PASSWORD, shown by the scheme digest. What the nodes make is for whoever has it, and for nobody else.',
    why: 'Set it where others can reach the servers.',
  },
  ...tlsProperties('zookeeper', 'ZooKeeper'),
};

const redis: PropertyTable = {
  'redis.addresses': {
    ...{ type: 'list', default: [], required: true },
    text: 'The server, or some of a Redis cluster, as host:port.',
    why: 'Name several of a cluster.',
  },
  'redis.cluster': {
    ...{ type: 'boolean', default: false },
    text: 'Whether they are a Redis cluster.',
    why: 'It has to be what the servers are.',
  },
  'redis.prefix': {
    ...{ type: 'text', default: 'hunt:' },
    ...{ form: /^[\w.:-]{1,64}$/, formText: 'up to 64 letters, digits, ".", "_", ":", "-"' },
    text: 'Stands before every key.',
    why: 'Two clusters on one Redis need two.',
  },
  'redis.username': {
    ...{ type: 'text', default: '' },
    text: 'As whom Redis is called; its default user without it.',
    why: 'Set it where Redis has users.',
  },
  'redis.password': {
    ...{ type: 'secret', default: '' },
    text: 'The password of that user.',
    why: 'Set it where Redis asks for one.',
  },
  ...tlsProperties('redis', 'Redis'),
};

const cassandra: PropertyTable = {
  'cassandra.contactPoints': {
    ...{ type: 'list', default: [], required: true },
    text: 'Some of the servers, as host:port.',
    why: 'Name two or three, so that one may be away.',
  },
  'cassandra.dataCenter': {
    ...{ type: 'text', default: '', required: true },
    text: 'The data centre whose servers are asked.',
    why: 'Name the one where the nodes are.',
  },
  'cassandra.keyspace': {
    ...{ type: 'text', default: 'hunt', ...keyspace },
    text: 'Where the history is.',
    why: 'Two clusters on one Cassandra need two.',
  },
  'cassandra.replication': {
    ...{ type: 'map', default: '', required: true },
    text: 'Replication of the keyspaces when they are made, such as `{ class: NetworkTopologyStrategy, dc1: 3 }`.',
    why: 'With three copies one server may be lost and nothing is.',
  },
  'cassandra.username': {
    ...{ type: 'text', default: '' },
    text: 'As whom Cassandra is called.',
    why: 'Set it, and the password, where Cassandra asks who calls.',
  },
  'cassandra.password': {
    ...{ type: 'secret', default: '' },
    text: 'The password of that user.',
    why: 'Goes with cassandra.username.',
  },
  ...tlsProperties('cassandra', 'Cassandra'),
};

const tlsScopes = ['kafka', 'zookeeper', 'redis', 'cassandra'];

/** A user without a password, or the other way round. */
function together(username: string, password: string) {
  return {
    names: [username, password],
    problem: (values: ConfigValues) => {
      if ((values[username] === '') === (values[password] === '')) return undefined;
      return `${values[username] === '' ? username : password} is missing beside the other`;
    },
  };
}

/** Every key of the cluster file. Variables begin with HUNT_. */
export const clusterSchema = new ConfigSchema({
  prefix: 'HUNT',
  roles: clusterRoles,
  table: {
    ...node,
    ...nodeTlsProperties,
    ...pinned,
    ...kafka,
    ...zookeeper,
    ...redis,
    ...cassandra,
  },
  relations: [
    {
      names: ['cluster.dedupeWindow'],
      problem: (values) =>
        Number.isInteger(Math.log2(Number(values['cluster.dedupeWindow'])))
          ? undefined
          : 'it has to be a power of two',
    },
    {
      names: ['node.roles'],
      problem: (values) =>
        String(values['node.roles']) === '' ? 'a node without a role does nothing' : undefined,
    },
    {
      names: ['kafka.minInSync', 'kafka.replication'],
      amongSet: true,
      problem: (values) =>
        Number(values['kafka.minInSync']) > Number(values['kafka.replication'])
          ? 'there would never be so many copies'
          : undefined,
    },
    {
      names: ['identity.address', 'identity.keyspace'],
      amongSet: true,
      problem: () => 'who people are is kept in one place',
    },
    together('kafka.sasl.username', 'kafka.sasl.password'),
    together('cassandra.username', 'cassandra.password'),
    {
      names: ['redis.username', 'redis.password'],
      problem: (values) =>
        values['redis.username'] !== '' && values['redis.password'] === ''
          ? 'redis.password is missing beside the other'
          : undefined,
    },
    ...tlsScopes.flatMap(tlsRelations),
    ...nodeTlsRelations,
  ],
});

/** Of the cluster file, for editors. */
export function clusterFileSchema(): Readonly<Record<string, unknown>> {
  return configJsonSchema(clusterSchema, 'Cluster file of the treasure hunt engine');
}
