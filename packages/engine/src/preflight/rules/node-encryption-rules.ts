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
          values: [ownValue(own), said(member, member.encryption)],
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
      const lacking = others.find(({ encryption = 'off' }) => encryption === 'off');
      const rest = { what: 'nodes that do not encrypt', value: 'none', source: 'ZooKeeper' };
      yield {
        values: [ownValue('accept'), lacking ? said(lacking, lacking.encryption) : rest],
        change: lacking
          ? nextFor(lacking)
          : 'Set nodes.tls.mode to require, on one node after the other.',
      };
    },
  }),
];

function othersOf(cluster: FactTable['cluster'], members: readonly Member[]): readonly Member[] {
  return members.filter(({ nodeId }) => nodeId !== cluster.node);
}

function nextFor({ nodeId, encryption }: Member): string {
  const step = `start ${nodeId} anew with nodes.tls.mode accept, and all at require then`;
  return encryption === undefined
    ? `Bring ${nodeId} to this release, and ${step}.`
    : `Set nodes.tls, and ${step}; ${stepsPage}.`;
}

function ownValue(own: PeerEncryption): Compared {
  return own === 'off' ? fileKey('nodes.tls.enabled', 'false') : fileKey('nodes.tls.mode', own);
}

function said({ nodeId }: Member, encryption: PeerEncryption | undefined): Compared {
  const value = encryption ?? 'not said, as by older releases';
  return { what: `encryption of ${nodeId}`, value, source: 'ZooKeeper' };
}
