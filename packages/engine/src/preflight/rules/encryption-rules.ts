import { isIPv4 } from 'node:net';
import type { ClusterConfig } from '../../cluster/cluster-config.ts';
import { fileKey } from '../amount.ts';
import { type Disagreement, defineRule, type Rule } from '../rule.ts';

/** Time to have a new one made, and brought to every node. */
const daysLeast = 14;

interface Connection {
  readonly servers: string;
  readonly key: string;
  /** Section of the cluster file that has its `tls`. */
  readonly section: string;
  /** The first that is not on this machine. */
  readonly far: string | undefined;
  readonly isEncrypted: boolean;
  readonly hasPassword: boolean;
}

function connectionsOf(cluster: ClusterConfig): Connection[] {
  const of = (
    servers: string,
    key: string,
    addresses: readonly string[],
    tls: object | undefined,
    hasPassword: boolean,
  ): Connection => ({
    ...{ servers, key, hasPassword, isEncrypted: tls !== undefined },
    section: key.slice(0, key.indexOf('.')),
    far: addresses.find((address) => !isLoopback(address)),
  });
  const { address, nodes, kafka, zookeeper, redis, cassandra } = cluster;
  const { connect, credentials } = zookeeper;
  return [
    // What they ask each other has the key of the deployment with it.
    { ...of('other nodes', 'node.address', [address], nodes.tls, true), section: 'nodes' },
    of('Kafka', 'kafka.bootstrap', kafka.bootstrap, kafka.tls, kafka.sasl !== undefined),
    of(
      ...(['ZooKeeper', 'zookeeper.connect'] as const),
      ...([connect.split(','), zookeeper.tls, credentials !== undefined] as const),
    ),
    of('Redis', 'redis.addresses', redis.addresses, redis.tls, redis.password !== undefined),
    of(
      ...(['Cassandra', 'cassandra.contactPoints'] as const),
      ...([cassandra.contactPoints, cassandra.tls, cassandra.password !== undefined] as const),
    ),
  ];
}

function isLoopback(address: string): boolean {
  const host = address.slice(0, address.lastIndexOf(':')).toLowerCase();
  return host === 'localhost' || host === '[::1]' || (isIPv4(host) && host.startsWith('127.'));
}

function* plainOnes(cluster: ClusterConfig, withPassword: boolean): Iterable<Disagreement> {
  for (const { servers, key, section, far, ...connection } of connectionsOf(cluster)) {
    const { isEncrypted, hasPassword } = connection;
    if (isEncrypted || far === undefined || hasPassword !== withPassword) continue;
    const enabled = `${section}.tls.enabled`;
    yield {
      values: [fileKey(key, far), fileKey(enabled, 'false')],
      change: `Have ${servers} encrypt, and set ${enabled}; docs/security.md shows how.`,
    };
  }
}

/** What goes over a network is for nobody else. */
export const encryptionRules: readonly Rule[] = [
  defineRule({
    id: 'preflight-password-readable',
    title: 'Passwords do not go over a network in plain',
    severity: 'warns',
    needs: ['cluster'],
    why: 'Whoever is on the way reads the password, or enough to find it out, and may do what the engine may.',
    remedy: 'Set tls.enabled of these servers.',
    *check({ cluster }) {
      yield* plainOnes(cluster, true);
    },
  }),
  defineRule({
    id: 'preflight-plain-connection',
    title: 'What goes over a network is encrypted',
    severity: 'warns',
    needs: ['cluster'],
    why: 'Whoever is on the way reads answers and changes decisions. On a network of your own that may be all right.',
    remedy: 'Set tls.enabled of these servers.',
    *check({ cluster }) {
      yield* plainOnes(cluster, false);
    },
  }),
  defineRule({
    id: 'preflight-certificate-ended',
    title: 'Certificates are good today',
    severity: 'refuses',
    needs: ['certificates'],
    why: 'The other side takes no certificate that has ended, and nothing works.',
    remedy:
      'Have a new one made, put it in its place, and start the nodes anew, one after the other.',
    *check({ certificates }) {
      for (const { setting, endsInDays } of certificates) {
        if (endsInDays >= 0) continue;
        yield ending(setting, endsInDays, 0);
      }
    },
  }),
  defineRule({
    id: 'preflight-certificate-ends',
    title: 'Certificates are good for two weeks more',
    severity: 'warns',
    needs: ['certificates'],
    why: 'For servers a node reads its certificate at the start: the new one has to be there, and the node started anew, before.',
    remedy:
      'Have a new one made, put it in its place, and start the nodes anew, one after the other.',
    *check({ certificates }) {
      for (const { setting, endsInDays } of certificates) {
        if (endsInDays < 0 || endsInDays >= daysLeast) continue;
        yield ending(setting, endsInDays, daysLeast);
      }
    },
  }),
];

/** What the engine itself shows is read again when it changes. */
function startAnew(setting: string): string {
  return /^(nodes|gateway)\./.test(setting) ? '' : ', and start the node anew';
}

function ending(setting: string, endsInDays: number, least: number): Disagreement {
  return {
    values: [
      { what: `${setting} is good for`, value: `${endsInDays} days`, source: 'the certificate' },
      { what: 'it takes to replace it', value: `${least} days`, source: 'the engine' },
    ],
    change: `Put a new certificate in the place of ${setting}${startAnew(setting)}.`,
  };
}
