/*
 * A cluster of real processes on real servers: the sample hunt is played to its end, and a contest goes on
 * while the process that leads and owns partitions is killed.
 */
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { huntFromTrace } from '@hunt/rules/definition';
import { createPlayerClient, type ProblemError } from '@hunt/sdk';
import { standingsOracle } from '../../test-oracle/standings-oracle.ts';
import { crowdTrace } from '../bench/crowd-trace.ts';
import { readHunt } from '../check/hunt-file.ts';
import { ClusterDeployment, whyNoCluster } from '../testing/cluster-deployment.ts';
import { runHunt } from '../testing/hunt-process.ts';
import { playSampleHunt, sampleHuntFile } from '../testing/sample-hunt.ts';

const skip = whyNoCluster ?? false;

let cluster: ClusterDeployment;

// Servers start slowly where the machine is busy.
before(
  async () => {
    if (!skip) cluster = await ClusterDeployment.start();
  },
  { timeout: 240_000 },
);

after(() => cluster?.stop());

test('a hunt is played on a cluster; when an owner is killed, nothing is lost', {
  skip,
  timeout: 400_000,
}, async ({ signal }) => {
  // The gateway starts first: it waits for owners.
  const gateway = await cluster.node(
    'gate',
    ['--roles', 'gateway,views,archiver', '--hunt', sampleHuntFile],
    { keepsIdentity: true },
  );
  const roles = ['--roles', 'processor,coordinator'];
  const one = await cluster.node('one', roles);
  const two = await cluster.node('two', roles);
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
    (name) => path.join(cluster.directory, name),
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
    () => other.log.slice(before).includes('"message":"owning"'),
    'the other node takes over',
    20_000,
  );
  const { code, output, errors } = await replay;
  assert.equal(code, 0, `${output}${errors}\n${gateway.log}`);
  assert.equal(JSON.parse(output).lost, 0);
  assert.equal(readFileSync(standingsFile, 'utf8'), standingsOracle(trace));
  await playSampleHunt(url, key, 'Early Birds', { isFirst: false, signal });

  // Nobody can tell what a silent Kafka has: what is asked now is refused by name, or undecided.
  const { kafka } = cluster;
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
