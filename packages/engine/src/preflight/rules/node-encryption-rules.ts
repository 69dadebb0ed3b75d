import type { PeerEncryption } from 'veltrix/cluster';
import { encryptionOf } from '../../cluster/node-tls.ts';
import { fileKey } from '../amount.ts';
import type { FactTable } from '../facts.ts';
import { type Compared, defineRule, type Rule } from '../rule.ts';

type Member = FactTable['zookeeper']['members'][number];

const stepsPage = 'docs/security.md has the steps';

/** How nodes of one cluster speak with each other, as each says of itself. */
export const nodeEncryptionRules: readonly Rule[] = [
  defineRule({
    id: 'preflight-nodes-unlike',
    title: 'No node requires encryption beside one that does not encrypt',
    severity: 'refuses',
    needs: ['cluster', 'zookeeper'],
    why: 'The two get no answers from each other: players see no progress of the partitions that the other one owns.',
    remedy: 'Have all nodes at nodes.tls.mode accept before any of them is at require, or off.',
    *check({ cluster, zookeeper: { members } }) {
      const own = encryptionOf(cluster.nodes);
      const unlike = own === 'off' ? 'require' : own === 'require' ? 'off' : undefined;
      for (const member of othersOf(cluster, members)) {
        // A release that does not say may be set as this one is.
        if (member.encryption === undefined || member.encryption !== unlike) continue;
        yield {
          values: [ownValue(own), said(member)],
          change: `Set nodes.tls.mode to accept here, and on all nodes before one requires encryption or does without: ${stepsPage}. Or stop ${member.nodeId} first.`,
        };
      }
    },
  }),
  defineRule({
    id: 'preflight-nodes-accept',
    title: 'Nodes that encrypt take no connections in plain',
    severity: 'warns',
    needs: ['cluster', 'zookeeper'],
    why: 'Whoever is on the way to a node that is called in plain reads the key of the deployment. It is meant for as long as nodes are started anew, one after the other.',
    remedy: 'Set nodes.tls.mode to require on all nodes, once none of them is off.',
    *check({ cluster, zookeeper: { members } }) {
      if (encryptionOf(cluster.nodes) !== 'accept') return;
      const others = othersOf(cluster, members);
      const lacking = others.filter(({ encryption = 'off' }) => encryption === 'off');
      yield {
        values: [ownValue('accept'), allSaid(lacking)],
        change:
          lacking.length > 0
            ? nextFor(lacking)
            : 'Set nodes.tls.mode to require, on one node after the other.',
      };
    },
  }),
  defineRule({
    id: 'preflight-nodes-unsaid',
    title: 'No node requires encryption beside one that does not say how it is set',
    severity: 'warns',
    needs: ['cluster', 'zookeeper'],
    why: 'A node of an older release may do without encryption, and the two get no answers from each other then. Where its nodes.tls is set it takes encrypted connections, and nothing is wrong.',
    remedy:
      'Bring all nodes to this release before any of them is at require, unless all encrypted before.',
    *check({ cluster, zookeeper: { members } }) {
      if (encryptionOf(cluster.nodes) !== 'require') return;
      const silent = othersOf(cluster, members).filter(({ encryption }) => !encryption);
      if (silent.length === 0) return;
      yield {
        values: [ownValue('require'), allSaid(silent)],
        change: `Where nodes.tls is not set on ${namesOf(silent)}, set nodes.tls.mode to accept here until all nodes are of this release and at accept: ${stepsPage}.`,
      };
    },
  }),
];

function othersOf(cluster: FactTable['cluster'], members: readonly Member[]): readonly Member[] {
  return members.filter(({ nodeId }) => nodeId !== cluster.node);
}

function nextFor(lacking: readonly Member[]): string {
  const silent = lacking.filter(({ encryption }) => encryption === undefined);
  const first = silent.length > 0 ? `Bring ${namesOf(silent)} to this release` : 'Set nodes.tls';
  return `${first}, start ${namesOf(lacking)} anew with nodes.tls.mode accept, and all at require then: ${stepsPage}.`;
}

function namesOf(members: readonly Member[]): string {
  return members.map(({ nodeId }) => nodeId).join(', ');
}

function ownValue(own: PeerEncryption): Compared {
  return own === 'off' ? fileKey('nodes.tls.enabled', 'false') : fileKey('nodes.tls.mode', own);
}

function said({ nodeId, encryption }: Member): Compared {
  const value = encryption ?? 'not said, as by older releases';
  return { what: `encryption of ${nodeId}`, value, source: 'ZooKeeper' };
}

function allSaid(members: readonly Member[]): Compared {
  const values = members.map((member) => `${member.nodeId}: ${said(member).value}`);
  const value = values.join(', ') || 'none';
  return { what: 'nodes that do not say they encrypt', value, source: 'ZooKeeper' };
}
