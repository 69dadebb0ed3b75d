import { fileKey } from '../amount.ts';
import { durationMs, sizeBytes } from '../cassandra-amount.ts';
import type { CassandraFacts, FactTable } from '../facts.ts';
import { type Figure, figureRule, settingFigure } from '../figure.ts';
import { type Compared, type Disagreement, defineRule, type Rule } from '../rule.ts';

/** Of rows that the archive writes at once; see `append-plan.ts`. Cassandra counts what they take with their keys. */
const batchBytes = 256 * 1_024;
const batchRoom = 2;
const rowsAtOnce: Figure = {
  ...{ what: 'rows at once', value: `about ${batchBytes / 1_024} KiB`, source: 'the engine' },
  amount: batchBytes * batchRoom,
};

/** What Cassandra has to be: consistency is `LOCAL_QUORUM` for reads and writes. */
export const cassandraRules: readonly Rule[] = [
  defineRule({
    id: 'preflight-cassandra-replication',
    title: 'The keyspace of the archive is replicated as the file says',
    severity: 'refuses',
    needs: ['cluster', 'cassandra'],
    why: 'What counts as written is on fewer servers than was meant, or a node that joins believes so.',
    remedy: 'Run ALTER KEYSPACE and a full repair, or say in the file what it is.',
    atStart: 'engine-archive-replication-mismatch',
    *check({ cluster, cassandra }) {
      yield* replicationOf(cluster.cassandra.keyspace, { cluster, cassandra });
    },
  }),
  defineRule({
    id: 'preflight-people-replication',
    title: 'The keyspace of people is replicated as the file says',
    severity: 'warns',
    needs: ['cluster', 'cassandra'],
    why: 'Names and keys are on fewer servers than was meant: nobody can join when one of them is gone.',
    remedy: 'Run ALTER KEYSPACE and a full repair, or say in the file what it is.',
    *check({ cluster, cassandra }) {
      if (!('keyspace' in cluster.identity)) return;
      yield* replicationOf(cluster.identity.keyspace, { cluster, cassandra });
    },
  }),
  defineRule({
    id: 'preflight-people-keyspace',
    title: 'People have a keyspace of their own',
    severity: 'refuses',
    needs: ['cluster'],
    why: 'The archive takes a keyspace with other tables in it for one of another release, and does not start; personal data would lie beside the log.',
    remedy: 'Choose another identity.keyspace.',
    *check({ cluster: { cassandra, identity } }) {
      if (!('keyspace' in identity) || identity.keyspace !== cassandra.keyspace) return;
      yield {
        values: [
          fileKey('identity.keyspace', identity.keyspace),
          fileKey('cassandra.keyspace', cassandra.keyspace),
        ],
        change: `Set identity.keyspace to ${cassandra.keyspace}_people.`,
      };
    },
  }),
  defineRule({
    id: 'preflight-cassandra-quorum',
    title: 'There are servers for a quorum',
    severity: 'refuses',
    needs: ['cluster', 'cassandra'],
    why: 'Reads and writes are with LOCAL_QUORUM: with fewer servers than that every one of them fails.',
    remedy: 'Start more servers, or lower the replication before the keyspace is made.',
    *check({ cluster, cassandra }) {
      const copies = localCopies(cluster, cassandra);
      const servers = localServers(cluster, cassandra);
      const quorum = Math.floor(copies / 2) + 1;
      if (!(copies > 0 && quorum > servers)) return;
      yield {
        values: [
          replicationKey(`${copies} copies, so a quorum is ${quorum}`),
          serverCount(cluster, servers),
        ],
        change: `Start ${copies - servers} more servers, or lower the replication to ${servers}.`,
      };
    },
  }),
  defineRule({
    id: 'preflight-cassandra-copies',
    title: 'There are servers for all copies',
    severity: 'warns',
    needs: ['cluster', 'cassandra'],
    why: 'There are fewer copies than was meant: the loss of one server is the loss of the quorum.',
    remedy: 'Start more servers, or lower the replication.',
    *check({ cluster, cassandra }) {
      const copies = localCopies(cluster, cassandra);
      const servers = localServers(cluster, cassandra);
      const quorum = Math.floor(copies / 2) + 1;
      // Fewer than a quorum are another matter.
      if (!(copies > servers && quorum <= servers)) return;
      yield {
        values: [replicationKey(`${copies} copies`), serverCount(cluster, servers)],
        change: `Start ${copies - servers} more servers, or lower the replication to ${servers}.`,
      };
    },
  }),
  defineRule({
    id: 'preflight-cassandra-two-copies',
    title: 'A server may be missing',
    severity: 'warns',
    needs: ['cluster', 'cassandra'],
    why: 'A quorum of two copies is both: while one server restarts, nothing can be read or archived.',
    remedy: 'Use a replication of three, on three servers.',
    *check({ cluster, cassandra }) {
      const copies = localCopies(cluster, cassandra);
      if (copies !== 2) return;
      yield {
        values: [replicationKey('2 copies'), consistency('both of them')],
        change: 'Set the replication to 3, on three servers.',
      };
    },
  }),
  defineRule({
    id: 'preflight-cassandra-one-copy',
    title: 'Where there are several servers, the archive is on more than one',
    severity: 'warns',
    needs: ['cluster', 'cassandra'],
    why: 'Every server has a part of the archive that no other has: while it restarts, that part cannot be read or written.',
    remedy: 'Use a replication of three.',
    *check({ cluster, cassandra }) {
      const servers = localServers(cluster, cassandra);
      if (localCopies(cluster, cassandra) !== 1 || servers < 2) return;
      yield {
        values: [replicationKey('1 copy'), serverCount(cluster, servers)],
        change: `Set the replication to ${Math.min(3, servers)}.`,
      };
    },
  }),
  defineRule({
    id: 'preflight-cassandra-local-copies',
    title: 'The data centre of the nodes has copies',
    severity: 'refuses',
    needs: ['cluster'],
    why: 'LOCAL_QUORUM counts copies of the local data centre alone: without any, reads and writes fail.',
    remedy: 'Name the data centre in cassandra.replication.',
    *check({ cluster: { cassandra } }) {
      const { class: strategy = '', ...copies } = cassandra.replication;
      if (!strategy.endsWith('NetworkTopologyStrategy')) return;
      const has = Number(copies[cassandra.dataCenter] ?? copies['replication_factor'] ?? 0) > 0;
      if (has) return;
      yield {
        values: [
          fileKey('cassandra.dataCenter', cassandra.dataCenter),
          replicationKey(`for ${Object.keys(copies).join(', ') || 'none'}`),
        ],
        change: `Add ${cassandra.dataCenter}: 3 to cassandra.replication.`,
      };
    },
  }),
  defineRule({
    id: 'preflight-cassandra-strategy',
    title: 'With several data centres the replication knows them',
    severity: 'warns',
    needs: ['cluster', 'cassandra'],
    why: 'SimpleStrategy puts copies anywhere: a quorum of the local data centre may have none of them.',
    remedy: 'Use NetworkTopologyStrategy.',
    *check({ cluster, cassandra }) {
      const centres = new Set(cassandra.nodes.map(({ dataCenter }) => dataCenter));
      const strategy = replication(cluster, cassandra)['class'] ?? '';
      if (centres.size < 2 || !strategy.endsWith('SimpleStrategy')) return;
      yield {
        values: [
          replicationKey('SimpleStrategy'),
          { what: 'data centres', value: [...centres].join(', '), source: 'Cassandra' },
        ],
        change: 'Alter the keyspace to NetworkTopologyStrategy, and repair it.',
      };
    },
  }),
  defineRule({
    id: 'preflight-cassandra-silent',
    title: 'All servers answer',
    severity: 'warns',
    needs: ['cassandra'],
    why: 'Its copies count for no quorum: of two copies nothing can be read or archived, of three one more loss does that.',
    remedy:
      'Start the server, or see why it does not answer; take one that is gone for good out with nodetool removenode.',
    *check({ cassandra: { silent, waitedMs } }) {
      for (const address of silent) {
        yield {
          values: [
            { what: 'server', value: address, source: 'the servers that answer' },
            {
              ...{ what: 'connection', value: `failed, or took more than ${waitedMs} ms` },
              source: address,
            },
          ],
          change: `Start the server at ${address}, or see why it does not answer.`,
        };
      }
    },
  }),
  defineRule({
    id: 'preflight-cassandra-schema',
    title: 'All servers have the same tables',
    severity: 'warns',
    needs: ['cassandra'],
    why: 'A server that missed a change of the tables refuses what others take.',
    remedy: 'See nodetool describecluster, and restart the server that differs.',
    *check({ cassandra: { nodes } }) {
      const versions = Map.groupBy(nodes, ({ schemaVersion }) => schemaVersion);
      const [first, second] = [...versions.values()];
      if (first === undefined || second === undefined) return;
      const of = (group: typeof first): Compared => ({
        what: 'schema version',
        value: group[0]?.schemaVersion ?? '',
        source: group.map(({ address }) => address).join(', '),
      });
      yield {
        values: [of(first), of(second)],
        change: 'See nodetool describecluster, and restart the server that differs.',
      };
    },
  }),
  defineRule({
    id: 'preflight-cassandra-commitlog',
    title: 'A single copy of the archive is on disk before it counts',
    severity: 'warns',
    needs: ['cluster', 'cassandra'],
    why: 'A server that is killed loses rows of the last seconds that it had acknowledged, and there is no other copy.',
    remedy: 'Set commitlog_sync to group or batch, or use a replication of three.',
    *check({ cluster, cassandra }) {
      const sync = cassandra.settings['commitlog_sync'];
      if (sync !== 'periodic' || localCopies(cluster, cassandra) !== 1) return;
      yield {
        values: [
          { what: 'commitlog_sync', value: sync, source: 'Cassandra' },
          replicationKey('1 copy'),
        ],
        change: 'Set commitlog_sync: group and commitlog_sync_group_window: 10ms.',
      };
    },
  }),
  figureRule({
    id: 'preflight-cassandra-mutation-size',
    title: 'Cassandra takes what the archive writes at once',
    severity: 'refuses',
    needs: ['cassandra'],
    why: 'Cassandra refuses the rows for good: the archive stops, and the log is never let go of.',
    remedy: 'Raise max_mutation_size, which is half of commitlog_segment_size unless told.',
    must: 'at least',
    pairs: ({ cassandra }) => [[ofServer(cassandra, 'max_mutation_size', sizeBytes), rowsAtOnce]],
    change: (_, { amount }) => `Set max_mutation_size to ${amount / 1_024}KiB at least.`,
  }),
  figureRule({
    id: 'preflight-cassandra-timeouts',
    title: 'The engine waits for as long as Cassandra works',
    severity: 'warns',
    needs: ['settings', 'cassandra'],
    why: 'A request is given up and sent again while the servers still work on it: a slow Cassandra gets more to do.',
    remedy: 'Raise archive.requestTimeoutMs above the time-outs of Cassandra.',
    settings: ['archive.requestTimeoutMs'],
    must: 'at least',
    pairs: ({ settings, cassandra }) =>
      ['read_request_timeout', 'write_request_timeout'].map((name) => {
        const timeout = ofServer(cassandra, name, durationMs);
        return [
          settingFigure(settings, 'archive.requestTimeoutMs'),
          { ...timeout, value: `${timeout.amount} ms` },
        ];
      }),
    change: ({ what }, { amount }) => `Set ${what} to ${amount}ms at least.`,
  }),
];

/** As a server tells it; `amountOf` reads it. */
function ofServer(
  { settings }: CassandraFacts,
  what: string,
  amountOf: (text: string | undefined) => number | undefined,
): Figure {
  const value = settings[what];
  return { what, value: value ?? '', source: 'Cassandra', amount: amountOf(value) ?? Number.NaN };
}

type Both = Pick<FactTable, 'cluster' | 'cassandra'>;
type ClusterFile = FactTable['cluster'];

/** As it is, else as it will be made. */
function replication(
  { cassandra: { keyspace, replication: wanted } }: ClusterFile,
  { keyspaces }: CassandraFacts,
): Readonly<Record<string, string>> {
  return keyspaces[keyspace] ?? wanted;
}

function localCopies(cluster: ClusterFile, facts: CassandraFacts): number {
  const copies = replication(cluster, facts);
  const local = copies[cluster.cassandra.dataCenter] ?? copies['replication_factor'];
  return Number(local ?? 0);
}

function localServers({ cassandra: { dataCenter } }: ClusterFile, { nodes }: CassandraFacts) {
  return nodes.filter((node) => node.dataCenter === dataCenter).length;
}

function serverCount({ cassandra: { dataCenter } }: ClusterFile, servers: number): Compared {
  return { what: `servers in ${dataCenter}`, value: `${servers}`, source: 'Cassandra' };
}

function replicationKey(value: string): Compared {
  return fileKey('cassandra.replication', value);
}

function consistency(value: string): Compared {
  return { what: 'LOCAL_QUORUM', value, source: 'the engine' };
}

function* replicationOf(keyspace: string, { cluster, cassandra }: Both): Generator<Disagreement> {
  const found = cassandra.keyspaces[keyspace];
  if (found === undefined) return;
  const [is, wanted] = [canonical(found), canonical(cluster.cassandra.replication)];
  if (is === wanted) return;
  yield {
    values: [
      { what: `replication of ${keyspace}`, value: is, source: 'Cassandra' },
      replicationKey(wanted),
    ],
    change: `Run ALTER KEYSPACE ${keyspace} and a full repair, or set cassandra.replication to what it is.`,
  };
}

/** The class by its last name, as people write it; the rest in order. */
function canonical(of: Readonly<Record<string, string>>): string {
  const { class: strategy = '', ...copies } = of;
  const rest = Object.entries(copies).map(([name, value]) => `${name}: ${value}`);
  return [strategy.split('.').at(-1), ...rest.sort()].join(', ');
}
