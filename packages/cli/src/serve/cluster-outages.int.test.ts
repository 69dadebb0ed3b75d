/*
 * Servers are taken away from running nodes, one after the other, and come back, while teams play on. What
 * docs/cluster.md says of each is what is asserted here.
 */
import assert from 'node:assert/strict';
import { after, before, suite, test } from 'node:test';
import { createPlayerClient, type ProblemError } from '@hunt/sdk';
import { ClusterDeployment, whyNoCluster } from '../testing/cluster-deployment.ts';
import type { ClusterProcess } from '../testing/cluster-process.ts';
import { sampleHuntFile } from '../testing/sample-hunt.ts';
import { firstAnswer, SteadyCrowd } from '../testing/steady-crowd.ts';

const skip = whyNoCluster ?? false;
const deadlineMs = 60_000;
/** The first node makes the tables of the archive. */
const startMs = 120_000;
const bootMs = 230_000;
const fileMs = 720_000;
/** Brokers are replaced in one second or two, and requests wait for five unless told; here machines are busy. */
const patience = ['--set', 'gateway.waitMaxMs=10s'];
/** Outcomes that are waited for to see that all goes on. */
const some = 10;
/** Questions one after the other: many times longer than the deadline if each waited for a time-out. */
const questions = 40;
const patienceMs = 30_000;

let cluster: ClusterDeployment;
let gate: ClusterProcess;
let owners: [ClusterProcess, ClusterProcess];
let url: string;
let crowd: SteadyCrowd;
const reader = () =>
  createPlayerClient({ baseUrl: url, hunt: 'city-lights', retry: { attemptsMax: 1 } });

async function goesOn(): Promise<void> {
  const [solved, failed] = [crowd.solved.length, crowd.failed.length];
  const stop = crowd.start();
  try {
    await gate.until(() => crowd.solved.length >= solved + some, 'outcomes go on', deadlineMs);
  } finally {
    await stop();
  }
  assert.deepEqual(crowd.failed.slice(failed), []);
}

/** Standings show every team that joined, and do not say that they may be out of date. */
async function areFresh(): Promise<boolean> {
  const { total, staleSince } = await reader().standings({ limit: 1 });
  return staleSince === undefined && total >= crowd.teams && total <= crowd.asked;
}

const areMarked = async () => (await reader().standings({ limit: 1 })).staleSince !== undefined;

const codeOf = (asked: Promise<unknown>): Promise<string | undefined> =>
  asked.then(
    () => undefined,
    (error: ProblemError) => error.code,
  );

suite('a cluster whose servers go', { skip, timeout: fileMs }, () => {
  before(
    async () => {
      cluster = await ClusterDeployment.start({ brokers: 3 });
      gate = await cluster.node(
        'gate',
        ['--roles', 'gateway,views,archiver', '--hunt', sampleHuntFile, ...patience],
        { keepsIdentity: true },
      );
      const roles = ['--roles', 'processor,coordinator'];
      owners = [await cluster.node('one', roles), await cluster.node('two', roles)];
      ({ url } = await gate.ready(startMs));
      crowd = new SteadyCrowd(url);
      await goesOn();
      const [one, two] = owners;
      await one.until(() => one.owned > 0 && two.owned > 0, 'both own something', deadlineMs);
    },
    { timeout: bootMs },
  );
  after(() => cluster?.stop());

  test('each of three brokers in turn: no command is refused, none waits for long', {
    timeout: 240_000,
  }, async (t) => {
    const { kafka } = cluster;
    const failed = crowd.failed.length;
    const stop = crowd.start();
    t.after(stop);
    const goOn = async () => {
      const { length } = crowd.solved;
      await gate.until(() => crowd.solved.length >= length + some, 'outcomes go on', deadlineMs);
    };
    await goOn();
    // One of them leads the controllers when it dies: then they vote first.
    for (const broker of [0, 1, 2]) {
      await kafka.kill(broker);
      await goOn();
      await kafka.restart(broker);
      await goOn();
    }
    await stop();
    assert.deepEqual(crowd.failed.slice(failed), []);
  });

  test('Redis: outcomes go on, standings are marked as stale, and right again afterwards', {
    timeout: 120_000,
  }, async () => {
    const { redis } = cluster;
    await gate.until(areFresh, 'standings are fresh', deadlineMs);
    const before = await reader().standings({ limit: 1 });
    await redis.kill();
    await gate.until(areMarked, 'standings are marked', deadlineMs);
    await goesOn();
    const player = await crowd.join();
    await crowd.solve(player);
    const { points, staleSince } = await player.me();
    assert.equal(points, 10, 'a team knows its own points');
    const gone = await reader().standings({ limit: 1 });
    assert.deepEqual(gone.standings, before.standings);
    assert.ok(gone.staleSince !== undefined);
    assert.equal(staleSince, undefined, 'there is no place of this team that could be stale');
    await redis.restart();
    await gate.until(areFresh, 'standings are fresh again', deadlineMs);
  });

  test('a Redis that is stuck: nobody waits for it but who asked first', {
    timeout: 120_000,
  }, async () => {
    const { redis } = cluster;
    redis.freeze();
    try {
      // Past those that are answered from what was read a moment ago.
      await gate.until(areMarked, 'standings are marked', deadlineMs);
      const signal = AbortSignal.timeout(patienceMs);
      for (let count = 0; count < questions; count++) {
        signal.throwIfAborted();
        assert.ok(await areMarked());
      }
      await goesOn();
    } finally {
      redis.wake();
    }
    await gate.until(areFresh, 'standings are fresh again', deadlineMs);
  });

  test('Cassandra and then ZooKeeper with an owner: outcomes go on, and nothing is lost', {
    timeout: 400_000,
  }, async () => {
    const { cassandra, zookeeper } = cluster;
    // It decided nothing itself and remembers nothing: it has to ask the archive.
    const other = await cluster.node('other', ['--roles', 'gateway']);
    const otherUrl = (await other.ready(deadlineMs)).url;
    const elsewhere = { baseUrl: otherUrl, hunt: 'city-lights', retry: { attemptsMax: 1 } };
    const asked = createPlayerClient(elsewhere);
    const [old = ''] = crowd.solved;
    const found = async () => (await asked.outcome(old))?.outcome === 'solved';
    await other.until(found, 'an old outcome is found', deadlineMs);

    cassandra.freeze();
    const signal = AbortSignal.timeout(patienceMs);
    for (let count = 0; count < questions; count++) {
      signal.throwIfAborted();
      assert.equal(await codeOf(asked.outcome(old)), 'engine-archive-unavailable');
    }
    await goesOn();
    await cassandra.kill();
    await goesOn();
    assert.equal(await codeOf(asked.outcome(old)), 'engine-archive-unavailable');
    const restarted = cassandra.restart();

    await zookeeper.kill();
    await goesOn();
    const players = await Promise.all(Array.from({ length: 12 }, () => crowd.join()));
    // Who leads has said so.
    const leads = owners.findIndex(({ log }) => log.includes('"message":"the assignment changes"'));
    const [killed, left] = leads === 1 ? [owners[1], owners[0]] : owners;
    const before = left.log.length;
    await killed.kill('SIGKILL');
    // Those of the partitions that are left are decided; the others are in the log, and wait.
    const sent = await Promise.all(players.map((player) => player.submitAsync(firstAnswer)));
    const decided = async () => {
      const outcomes = await Promise.all(players.map((player, at) => player.outcome(sent[at]!)));
      return outcomes.filter((outcome) => outcome !== undefined).length;
    };
    await left.until(async () => (await decided()) > 0, 'what is left decides', deadlineMs);
    assert.doesNotMatch(left.log.slice(before), /"message":"owning"/);
    assert.ok((await decided()) < players.length, 'some wait for the owner that is gone');
    await zookeeper.restart();
    await left.until(
      async () => (await decided()) === players.length,
      'all is decided',
      deadlineMs,
    );
    crowd.solved.push(...sent);
    await goesOn();

    await restarted;
    await gate.until(areFresh, 'standings are right', deadlineMs);
    const told = new Set(crowd.solved);
    const complete = async () => {
      for (const commandId of told) {
        const result = await asked.outcome(commandId).catch(() => undefined);
        if (result?.outcome !== 'solved') return false;
        told.delete(commandId);
      }
      return true;
    };
    await other.until(complete, 'the archive has every outcome', deadlineMs);

    // The node that keeps who people are, last.
    const { token = '' } = await crowd.join();
    await gate.kill('SIGKILL');
    const known = createPlayerClient({ ...elsewhere, token });
    assert.equal((await known.submit(firstAnswer)).outcome, 'solved');
    const late = { name: 'Eve', team: { name: 'Late Risers' } };
    assert.equal(await codeOf(asked.join(late)), 'engine-cluster-identity-unavailable');
  });
});
