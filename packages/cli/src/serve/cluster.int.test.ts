/*
 * A cluster of real processes on real servers: the sample hunt is played to its end, and a contest goes on
 * while the process that leads and owns partitions is killed.
 */
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { huntFromTrace } from '@hunt/rules/definition';
import { createPlayerClient, type ProblemError } from '@hunt/sdk';
import {
  type RunningCassandra,
  type RunningKafka,
  type RunningRedis,
  type RunningZooKeeper,
  startCassandra,
  startKafka,
  startRedis,
  startZooKeeper,
  whyNotAvailable,
} from '@hunt/services';
import { standingsOracle } from '../../test-oracle/standings-oracle.ts';
import { crowdTrace } from '../bench/crowd-trace.ts';
import { readHunt } from '../check/hunt-file.ts';
import { ClusterProcess, freePort } from '../testing/cluster-process.ts';
import { runHunt } from '../testing/hunt-process.ts';
import { playSampleHunt, sampleHuntFile } from '../testing/sample-hunt.ts';

const needed = (['kafka', 'cassandra', 'redis', 'zookeeper'] as const).map(whyNotAvailable);
const skip = needed.find((reason) => reason !== undefined) ?? false;

let directory: string;
let servers: [RunningKafka, RunningCassandra, RunningRedis, RunningZooKeeper] | undefined;
const nodes: ClusterProcess[] = [];

before(async () => {
  directory = mkdtempSync(path.join(tmpdir(), 'hunt-cluster-'));
  if (skip) return;
  servers = await Promise.all([
    startKafka({ own: true, heapMb: 512 }),
    startCassandra({ own: true }),
    startRedis({ own: true }),
    startZooKeeper({ own: true }),
  ]);
});

after(async () => {
  await Promise.all(nodes.map((node) => node.kill('SIGKILL')));
  await Promise.all(servers?.map((server) => server.stop()) ?? []);
  rmSync(directory, { recursive: true, force: true });
});

async function clusterFile(): Promise<{ file: string; address: () => Promise<string> }> {
  const [kafka, cassandra, redis, zookeeper] = servers!;
  const address = async () => `127.0.0.1:${await freePort()}`;
  const config = {
    node: 'unnamed',
    address: '127.0.0.1:1',
    partitions: 2,
    dedupeWindow: 65_536,
    secrets: 'shared',
    identity: { address: await address() },
    kafka: { bootstrap: kafka.bootstrap, replication: 1 },
    zookeeper: { connect: zookeeper.connect },
    redis: { addresses: redis.addresses },
    cassandra: {
      contactPoints: [cassandra.contactPoint],
      dataCenter: 'datacenter1',
      replication: { class: 'SimpleStrategy', replication_factor: 1 },
    },
  };
  const file = path.join(directory, 'cluster.yaml');
  // JSON is YAML.
  writeFileSync(file, JSON.stringify(config, undefined, 2));
  return { file, address: async () => config.identity.address };
}

function start(name: string, file: string, address: string, ...flags: string[]): ClusterProcess {
  const place = ['--cluster', file, '--address', address, '--port', '0', '--log', 'info'];
  const node = new ClusterProcess(name, [...place, ...flags]);
  nodes.push(node);
  return node;
}

test('a hunt is played on a cluster; when an owner is killed, nothing is lost', {
  skip,
  timeout: 150_000,
}, async ({ signal }) => {
  const { file, address } = await clusterFile();
  const free = async () => `127.0.0.1:${await freePort()}`;
  // The gateway starts first: it waits for owners.
  const gateway = start(
    ...(['gate', file, await address(), '--roles', 'gateway,views,archiver'] as const),
    ...['--hunt', sampleHuntFile],
  );
  const roles = ['--roles', 'processor,coordinator'];
  const one = start('one', file, await free(), ...roles);
  const two = start('two', file, await free(), ...roles);
  const { url, organiserKeyFile } = await gateway.ready(60_000);
  const key = readFileSync(organiserKeyFile, 'utf8').trim();
  await playSampleHunt(url, key, 'Night Owls', { isFirst: true, signal });
  await one.until(() => one.owned + two.owned >= 2, 'both partitions have owners', 10_000);

  const trace = crowdTrace({
    teams: 100,
    problems: 8,
    submissions: 12_000,
    seconds: 9_000,
    seed: 5,
  });
  const [traceFile, huntFile, standingsFile] = ['trace.csv', 'contest.yaml', 'got.csv'].map(
    (name) => path.join(directory, name),
  ) as [string, string, string];
  writeFileSync(traceFile, trace);
  writeFileSync(huntFile, huntFromTrace(trace));
  const { id: hunt } = readHunt(huntFile).definition;
  const replay = runHunt(
    [
      ...['replay', '--hunt', huntFile, '--trace', traceFile, '--speed', 'max', '--json'],
      ...['--target', url, '--standings', standingsFile],
    ],
    { HUNT_ORGANISER_KEY: key },
  );
  const solved = async () => {
    const answer = await fetch(`${url}/v1/hunts/${hunt}/standings?limit=1`);
    const { standings = [] } = (await answer.json()) as { standings?: { points: number }[] };
    return (standings[0]?.points ?? 0) > 0;
  };
  await gateway.until(solved, 'the contest is under way', 30_000);
  // Whoever owns more: its partitions have to go to the other one, and with luck it leads, too.
  const [killed, other] = one.owned >= two.owned ? [one, two] : [two, one];
  const before = other.log.length;
  await killed.kill('SIGKILL');
  await other.until(
    () => other.log.slice(before).includes('"msg":"owning"'),
    'the other node takes over',
    20_000,
  );
  const { code, output, errors } = await replay;
  assert.equal(code, 0, `${output}${errors}\n${gateway.log}`);
  assert.equal(JSON.parse(output).lost, 0);
  assert.equal(readFileSync(standingsFile, 'utf8'), standingsOracle(trace));
  await playSampleHunt(url, key, 'Early Birds', { isFirst: false, signal });

  // Nobody can tell what a silent Kafka has: what is asked now is refused by name, or undecided.
  const [kafka] = servers!;
  const player = createPlayerClient({
    baseUrl: url,
    hunt: 'city-lights',
    retry: { attemptsMax: 1 },
  });
  await player.join({ name: 'Eve', team: { name: 'Late Risers' } });
  const answer = async (): Promise<string> => {
    try {
      const { status } = await player.submit({
        ...{ type: 'submit-answer', step: 'gate', answer: 'water' },
      } as const);
      return status;
    } catch (error) {
      return (error as ProblemError).code;
    }
  };

  await kafka.kill();
  await gateway.until(
    async () => (await answer()) === 'veltrix-log-unavailable',
    'refuses',
    30_000,
  );
  await kafka.restart();
  await gateway.until(
    async () => ['accepted', 'rejected'].includes(await answer()),
    'takes commands again by itself',
    30_000,
  );
});
