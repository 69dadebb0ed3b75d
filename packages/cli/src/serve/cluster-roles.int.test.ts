/*
 * Views and archiving are shared out among the nodes that have the role: when one of them is killed, another
 * takes its share over, standings go on fresh and the archive gets all. And what owners know is read from their
 * standbys while they are away.
 */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { openCassandraArchive } from '@hunt/engine/cluster';
import { createPlayerClient } from '@hunt/sdk';
import { DecisionRecordReader, type SharedLog } from 'veltrix';
import { EventGate, firstPosition } from 'veltrix/cluster';
import { openKafkaSharedLog } from 'veltrix/kafka';
import { ClusterDeployment, whyNoCluster } from '../testing/cluster-deployment.ts';
import type { ClusterProcess } from '../testing/cluster-process.ts';
import { partitionOwners } from '../testing/partition-owners.ts';
import { playSampleHunt, sampleHuntFile } from '../testing/sample-hunt.ts';

const skip = whyNoCluster ?? false;
const partitions = 4;

let cluster: ClusterDeployment;

// Servers start slowly where the machine is busy.
before(
  async () => {
    if (!skip) cluster = await ClusterDeployment.start({ partitions });
  },
  { timeout: 240_000 },
);

after(() => cluster?.stop());

/** Partitions that the node has said it works for, at any time. */
function taken(node: ClusterProcess, what: 'brings standings' | 'archives'): number[] {
  const lines = node.log.matchAll(new RegExp(`"partition":(\\d+)\\},"message":"${what}"`, 'g'));
  return [...new Set([...lines].map(([, partition]) => Number(partition)))].sort();
}

/** By command id, the offset of the record that decided it first. */
async function decidedIn(log: SharedLog, partition: number): Promise<Map<string, number>> {
  const gate = new EventGate(firstPosition);
  const reader = new DecisionRecordReader();
  const decided = new Map<string, number>();
  await new Promise<void>((resolve, reject) => {
    const subscription = log.partition(partition).follow('events', 1, {
      record: (offset, bytes) => {
        const { kind, dropped } = gate.judge(offset, bytes);
        if (kind !== 'decisions' || dropped !== undefined) return;
        assert.equal(reader.open(bytes), undefined);
        while (reader.next()) {
          const { idStart } = reader.decision;
          const id = Buffer.from(bytes.subarray(idStart, idStart + 16)).toString('hex');
          if (!decided.has(id)) decided.set(id, offset);
        }
      },
      caughtUp: () => {
        subscription.stop();
        resolve();
      },
      ended: reject,
    });
  });
  return decided;
}

test('when nodes with views or archiver are killed, standings go on fresh and the archive gets all', {
  skip,
  timeout: 200_000,
}, async ({ signal }) => {
  const gate = await cluster.node('gate', ['--roles', 'gateway', '--hunt', sampleHuntFile], {
    keepsIdentity: true,
  });
  const cores = [
    await cluster.node('left', ['--roles', 'processor,coordinator']),
    await cluster.node('right', ['--roles', 'processor,coordinator']),
  ] as const;
  const followers = [
    await cluster.node('one', ['--roles', 'views,archiver']),
    await cluster.node('two', ['--roles', 'views,archiver']),
  ] as const;
  const { url, organiserKeyFile } = await gate.ready(120_000);
  const key = readFileSync(organiserKeyFile, 'utf8').trim();
  const play = (team: string, isFirst = false) =>
    playSampleHunt(url, key, team, { isFirst, signal });
  const shown = async () => {
    const answer = await fetch(`${url}/v1/hunts/city-lights/standings?limit=100`);
    return (await answer.json()) as {
      readonly staleSince?: string;
      readonly standings?: readonly { readonly name: string; readonly points: number }[];
    };
  };
  const isShown = async (...teams: readonly string[]) => {
    const { staleSince, standings = [] } = await shown();
    const solved = standings.filter(({ points }) => points > 0).map(({ name }) => name);
    return staleSince === undefined && teams.every((team) => solved.includes(team));
  };
  await play('Night Owls', true);
  await gate.until(() => isShown('Night Owls'), 'standings are fresh', 30_000);

  // Each partition at one of the two; a newcomer's part comes to it after the cool-down.
  const [one, two] = followers;
  const hasBoth = (node: ClusterProcess) =>
    taken(node, 'brings standings').length > 0 && taken(node, 'archives').length > 0;
  await one.until(() => hasBoth(one) && hasBoth(two), 'both have shares', 60_000);

  const playing = play('Early Birds');
  const before = two.log.length;
  await one.kill('SIGKILL');
  await playing;
  await two.until(
    () =>
      taken(two, 'brings standings').length === partitions &&
      taken(two, 'archives').length === partitions,
    'the other one takes all over',
    20_000,
  );
  assert.match(two.log.slice(before), /"message":"archives"/);
  await gate.until(() => isShown('Night Owls', 'Early Birds'), 'standings are fresh again', 30_000);
  await play('Late Risers');
  await gate.until(() => isShown('Late Risers'), 'standings go on', 15_000);

  const log = await openKafkaSharedLog({
    ...{ bootstrap: cluster.kafka.bootstrap, prefix: 'hunt', replication: 1 },
    ...{ partitionCount: partitions, dedupeWindow: 65_536 },
  });
  const archive = await openCassandraArchive({
    ...{ contactPoints: [cluster.cassandra.contactPoint], localDataCenter: 'datacenter1' },
    ...{ keyspace: 'hunt', logId: log.identity.logId },
    replication: { class: 'SimpleStrategy', replication_factor: '1' },
  });
  try {
    // Messages between partitions have ids that are their own only where they arrive.
    const places = new Map<string, string[]>();
    for (let partition = 0; partition < partitions; partition++) {
      const decided = await decidedIn(log, partition);
      for (const [id, offset] of decided) {
        places.set(id, [...(places.get(id) ?? []), `${partition}/${offset}`]);
      }
      const last = Math.max(0, ...decided.values());
      await two.until(
        async () => (await archive.nextOffset(partition)) > last,
        `partition ${partition} is archived`,
        20_000,
      );
    }
    for (const [id, expected] of places) {
      const found = await archive.decision(id);
      assert.ok(expected.includes(`${found?.partition}/${found?.offset}`), `${id}: ${expected}`);
    }
    assert.ok(places.size > 30, `only ${places.size} commands`);
  } finally {
    await archive.close();
    log.close(() => {});
  }

  // Without ZooKeeper nobody takes over from an owner that is frozen: its standby is asked.
  const players = await Promise.all(
    Array.from({ length: 8 }, async (_, team) => {
      const player = createPlayerClient({ baseUrl: url, hunt: 'city-lights' });
      await player.join({ name: 'Eve', team: { name: `Team ${team}` } });
      return player;
    }),
  );
  const owners = () => partitionOwners(cores, partitions);
  await gate.until(() => new Set(owners()).size === 2, 'both own partitions', 60_000);
  await cluster.zookeeper.kill();
  const ownersThen = owners();
  cores[0].signal('SIGSTOP');
  const progress = await Promise.all(players.map((player) => player.me()));
  assert.deepEqual(
    progress.map(({ points }) => points),
    players.map(() => 0),
  );
  assert.deepEqual(owners(), ownersThen);
});
