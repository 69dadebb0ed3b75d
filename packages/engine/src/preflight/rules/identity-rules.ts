import { fileKey } from '../amount.ts';
import { type Compared, type Disagreement, defineRule, type Rule } from '../rule.ts';

/** Whether all stores belong to one log, and none has lost a part of it. */
export const identityRules: readonly Rule[] = [
  defineRule({
    id: 'preflight-log-identity',
    title: 'The log was made with what the cluster file says',
    severity: 'refuses',
    needs: ['cluster', 'log'],
    why: 'Teams would be looked for in partitions where they are not, or ids forgotten that others remember.',
    remedy:
      'Say partitions and dedupeWindow as the log was made, or choose another kafka.prefix for a new one.',
    settings: ['partitions', 'dedupeWindow'],
    atStart: 'veltrix-log-identity-mismatch',
    *check({ cluster, log: { identity } }) {
      if (identity === undefined) return;
      const { partitions, dedupeWindow } = cluster;
      yield* differs('partitions', partitions, identity.partitionCount);
      yield* differs('dedupeWindow', dedupeWindow, identity.dedupeWindow);
    },
  }),
  defineRule({
    id: 'preflight-log-plan',
    title: 'ZooKeeper knows the cluster by the log that Kafka has',
    severity: 'refuses',
    needs: ['log', 'zookeeper'],
    why: 'The nodes there serve another log: partitions would be given to nodes that have other hunts.',
    remedy:
      'Choose another zookeeper.prefix for a new log, or name the Kafka that has the old one.',
    atStart: 'veltrix-coordination-plan-mismatch',
    *check({ log, zookeeper: { plan, place } }) {
      const found = { what: 'log id', value: plan?.logId ?? '', source: `ZooKeeper ${place}` };
      yield* otherLog(found, log.identity?.logId, 'Choose another zookeeper.prefix.');
    },
  }),
  defineRule({
    id: 'preflight-log-archive',
    title: 'The archive is of the log that Kafka has',
    severity: 'refuses',
    needs: ['cluster', 'log', 'archive'],
    why: 'Two logs in one archive would answer for each other.',
    remedy: 'Choose another cassandra.keyspace for a new log.',
    atStart: 'engine-archive-log-mismatch',
    *check({ cluster, log, archive: { logId } }) {
      const source = `keyspace ${cluster.cassandra.keyspace}`;
      const found = { what: 'log id', value: logId ?? '', source };
      yield* otherLog(found, log.identity?.logId, 'Choose another cassandra.keyspace.');
    },
  }),
  defineRule({
    id: 'preflight-log-views',
    title: 'The standings in Redis are of the log that Kafka has',
    severity: 'refuses',
    needs: ['cluster', 'log', 'redisViews'],
    why: 'Players would see the standings of another log.',
    remedy: 'Choose another redis.prefix for a new log, or remove the old keys.',
    atStart: 'engine-redis-foreign',
    *check({ cluster, log, redisViews: { logId } }) {
      const source = `Redis keys ${cluster.redis.prefix}*`;
      const found = { what: 'log id', value: logId ?? '', source };
      yield* otherLog(found, log.identity?.logId, 'Choose another redis.prefix.');
    },
  }),
  defineRule({
    id: 'preflight-archive-gap',
    title: 'The log has kept everything that the archive still lacks',
    severity: 'warns',
    needs: ['log', 'archive'],
    why: 'Events that nobody has any more: the archive can never be complete, and standings that Redis loses cannot be made anew.',
    remedy:
      'Restore the archive to a later state, or the log to an earlier one; find out who deletes records of the topic.',
    *check({ log, archive: { cursors, logId } }) {
      // Of another log is another matter.
      if (logId !== log.identity?.logId) return;
      for (const [partition, { start }] of log.events.entries()) {
        const next = cursors[partition];
        // An archive that was never begun takes what there is.
        if (next === undefined || next === 0 || !(next < start)) continue;
        yield {
          values: [
            {
              what: `events of partition ${partition} archived`,
              value: `up to offset ${next}`,
              source: 'Cassandra',
            },
            { what: 'log kept', value: `from offset ${start}`, source: 'Kafka' },
          ],
          change: `Restore the archive: ${start - next} offsets are missing between the two.`,
        };
      }
    },
  }),
  defineRule({
    id: 'preflight-archive-ahead',
    title: 'The archive has nothing that the log never had',
    severity: 'refuses',
    needs: ['log', 'archive'],
    why: 'The log has lost events that were decided, acknowledged and archived: new ones would take their offsets.',
    remedy: 'Restore the log from a later backup, or all stores from the same one.',
    *check({ log, archive: { cursors, logId } }) {
      // Of another log is another matter.
      if (logId !== log.identity?.logId) return;
      for (const [partition, { end }] of log.events.entries()) {
        const next = cursors[partition];
        if (next === undefined || !(next > end)) continue;
        yield {
          values: [
            {
              what: `events of partition ${partition} archived`,
              value: `up to offset ${next}`,
              source: 'Cassandra',
            },
            { what: 'log ends', value: `at offset ${end}`, source: 'Kafka' },
          ],
          change: 'Do not start the cluster: restore the log first.',
        };
      }
    },
  }),
  defineRule({
    id: 'preflight-cluster-level',
    title: 'This release knows the level that the cluster works at',
    severity: 'refuses',
    needs: ['zookeeper'],
    why: 'Newer nodes write what this release cannot read.',
    remedy: 'Install the release that the other nodes have.',
    atStart: 'veltrix-level-unsupported',
    *check({ zookeeper: { level, known, place } }) {
      const { least, most } = known;
      if (level >= least && level <= most) return;
      yield {
        values: [
          { what: 'level of the cluster', value: `${level}`, source: `ZooKeeper ${place}` },
          { what: 'levels known', value: `${least} to ${most}`, source: 'this release' },
        ],
        change: 'Install the release that the other nodes have.',
      };
    },
  }),
];

function* differs(name: string, wanted: number, found: number): Generator<Disagreement> {
  if (wanted === found) return;
  yield {
    values: [
      fileKey(name, wanted),
      { what: `${name} of the log`, value: `${found}`, source: 'Kafka' },
    ],
    change: `Set ${name} to ${found}.`,
  };
}

function* otherLog(
  found: Compared,
  logId: string | undefined,
  change: string,
): Generator<Disagreement> {
  if (found.value === '' || logId === undefined || found.value === logId) return;
  yield { values: [found, { what: 'log id', value: logId, source: 'Kafka' }], change };
}
