import { fileKey } from '../amount.ts';
import type { FactTable } from '../facts.ts';
import { type Figure, figureRule, fileFigure, settingFigure } from '../figure.ts';
import { defineRule, type Rule } from '../rule.ts';

/** A node beats its heart this often, and the leader gives a silent one up after so long; see `membership.ts`, `health-judge.ts`. */
const heartbeatMs = 500;
const silentAfterMs = 2_000;
/** One heartbeat that comes late must not cost a session. */
const heartbeatsPerSession = 3;

const sessionKey = 'zookeeper.sessionTimeoutMs';
const heartbeat: Figure = {
  ...{ what: 'heartbeat', value: `every ${heartbeatMs} ms`, source: 'the engine' },
  amount: heartbeatMs * heartbeatsPerSession,
};
const silence: Figure = {
  ...{ what: 'silence of a node', value: `${silentAfterMs} ms`, source: 'the engine' },
  amount: silentAfterMs,
};

/** Time-outs in their order, and who is in the cluster. */
export const zooKeeperRules: readonly Rule[] = [
  defineRule({
    id: 'preflight-session-granted',
    title: 'ZooKeeper grants the session time-out that is asked for',
    severity: 'warns',
    needs: ['cluster', 'zookeeper'],
    why: 'The servers grant 2 to 20 of their ticks: a dead node is noticed later than was meant, or a slow one is given up sooner.',
    remedy: 'Change zookeeper.sessionTimeoutMs, or tickTime of the servers.',
    *check({ cluster, zookeeper: { grantedSessionMs, place } }) {
      const asked = cluster.zookeeper.sessionTimeoutMs;
      if (grantedSessionMs === asked) return;
      const tick = grantedSessionMs > asked ? Math.floor(asked / 2) : Math.ceil(asked / 20);
      yield {
        values: [
          fileKey(sessionKey, asked),
          {
            what: 'session granted',
            value: `${grantedSessionMs} ms`,
            source: `ZooKeeper ${place}`,
          },
        ],
        change: `Set ${sessionKey} to ${grantedSessionMs}, or tickTime=${tick} on the servers.`,
      };
    },
  }),
  figureRule({
    id: 'preflight-session-heartbeat',
    title: 'A session outlives a few heartbeats',
    severity: 'warns',
    needs: ['cluster'],
    why: 'A single pause of the machine ends the session: partitions move to other nodes for nothing.',
    remedy: 'Raise zookeeper.sessionTimeoutMs.',
    must: 'at least',
    pairs: ({ cluster }) => [[sessionOf(cluster), heartbeat]],
    change: (_, { amount }) => `Set ${sessionKey} to ${amount} at least.`,
  }),
  figureRule({
    id: 'preflight-session-silence',
    title: 'A silent node is named before its session is over',
    severity: 'warns',
    needs: ['cluster'],
    why: 'The session of a node that hangs is over before the leader calls it not responsive: operators see it gone, and not why.',
    remedy: 'Raise zookeeper.sessionTimeoutMs above 2,000.',
    must: 'above',
    pairs: ({ cluster }) => [[sessionOf(cluster), silence]],
    change: (_, { amount }) => `Set ${sessionKey} above ${amount}.`,
  }),
  figureRule({
    id: 'preflight-session-wait',
    title: 'Requests wait for longer than it takes to replace a dead node',
    severity: 'warns',
    needs: ['settings', 'cluster'],
    why: 'When an owner dies, requests to its partitions are answered 202 before another node has taken over.',
    remedy: 'Raise gateway.waitMaxMs above zookeeper.sessionTimeoutMs.',
    settings: ['gateway.waitMaxMs'],
    must: 'above',
    pairs: ({ settings, cluster }) => [
      [settingFigure(settings, 'gateway.waitMaxMs'), sessionOf(cluster)],
    ],
    change: ({ what }, { amount }) => `Set ${what} above ${amount}ms, or lower ${sessionKey}.`,
  }),
  figureRule({
    id: 'preflight-partitions-nodes',
    title: 'There are partitions for all nodes that decide',
    severity: 'warns',
    needs: ['cluster', 'zookeeper'],
    why: 'A partition is at one node: the others own nothing, whatever the load.',
    remedy:
      'Run fewer nodes with the role processor; partitions are pinned when the cluster is made.',
    settings: ['partitions'],
    must: 'at most',
    pairs({ cluster, zookeeper: { members } }) {
      const others = members.filter(({ nodeId }) => nodeId !== cluster.node);
      const deciding = [cluster, ...others].filter(({ roles }) => roles.includes('processor'));
      const { length: amount } = deciding;
      const what = 'nodes with the role processor';
      const nodes = { what, value: `${amount}`, source: 'ZooKeeper', amount };
      return [[nodes, fileFigure('partitions', cluster.partitions)]];
    },
    change: ({ amount }, { amount: partitions }) =>
      `Give ${amount - partitions} of the nodes other roles.`,
  }),
  defineRule({
    id: 'preflight-node-name',
    title: 'No other node has the name of this one',
    severity: 'refuses',
    needs: ['cluster', 'zookeeper'],
    why: 'Two processes would take each other for themselves: the second is not let in.',
    remedy: 'Choose another name with --node.',
    atStart: 'veltrix-coordination-node-taken',
    *check({ cluster, zookeeper: { members } }) {
      const { node, address } = cluster;
      const other = members.find((member) => member.nodeId === node && member.address !== address);
      if (other === undefined) return;
      yield {
        values: [
          fileKey('node', `${node} at ${address}`),
          { what: 'node', value: `${node} at ${other.address}`, source: 'ZooKeeper' },
        ],
        change: 'Choose another name with --node, or stop the other process.',
      };
    },
  }),
  defineRule({
    id: 'preflight-node-address',
    title: 'No other node has the address of this one',
    severity: 'warns',
    needs: ['cluster', 'zookeeper'],
    why: 'Questions for one node reach the other one.',
    remedy: 'Give each node an address of its own with --address.',
    *check({ cluster, zookeeper: { members } }) {
      const { node, address } = cluster;
      const other = members.find((member) => member.address === address && member.nodeId !== node);
      if (other === undefined) return;
      yield {
        values: [
          fileKey('address', `${address} of ${node}`),
          { what: 'address', value: `${address} of ${other.nodeId}`, source: 'ZooKeeper' },
        ],
        change: `Choose another address with --address, or stop ${other.nodeId}.`,
      };
    },
  }),
];

function sessionOf({ zookeeper }: FactTable['cluster']): Figure {
  return fileFigure(sessionKey, zookeeper.sessionTimeoutMs);
}
