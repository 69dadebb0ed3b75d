import assert from 'node:assert/strict';
import { test } from 'node:test';
import { compileHunt, huntFromTrace } from '@hunt/rules/definition';
import { createOrganiserClient } from '@hunt/sdk';
import { standingsOracle } from '../../test-oracle/standings-oracle.ts';
import { crowdTrace } from '../bench/crowd-trace.ts';
import { recordedContest } from './recorded-contest.ts';
import { replay } from './replay.ts';
import { type Fate, SimulatedServer } from './testing/simulated-server.ts';

/*
 * Replays a made-up contest against a server in memory that loses requests and answers, and compares
 * with the oracle: nothing may count twice, get lost or change its order within a team.
 */
const trace = crowdTrace({ teams: 60, problems: 8, submissions: 3_000, seconds: 900, seed: 3 });
const source = huntFromTrace(trace);
const definition = compileHunt(source, 'contest.yaml').hunt!;
const contest = recordedContest(trace, definition);

function replayOn(server: SimulatedServer, clients: number) {
  const client = createOrganiserClient({
    baseUrl: 'http://simulated',
    key: 'hok_test',
    transport: server,
    retry: { attemptsMax: 1 },
  });
  return replay({
    hunt: { file: 'contest.yaml', source, definition },
    contest,
    target: {
      client: async () => client,
      pause: () => new Promise((resolve) => setImmediate(resolve)),
      patienceMs: 60_000,
    },
    speed: Number.POSITIVE_INFINITY,
    clients,
    signal: new AbortController().signal,
    onProgress: () => {},
  });
}

for (const clients of [1, 7, 400]) {
  test(`${clients} client(s) give the oracle's standings and lose nothing`, async () => {
    const server = new SimulatedServer(definition.opensAt);
    const { report, standings } = await replayOn(server, clients);
    assert.equal(standings, standingsOracle(trace));
    assert.equal(report.commands, 3_000);
    assert.equal(report.accepted + report.rejected, 3_000);
    assert.equal(report.accepted, report.correct + report.wrong);
    assert.deepEqual([report.lost, report.repeated, report.restarts], [0, 0, 0]);
    assert.ok(server.concurrencyMax <= clients && (clients > 60 || server.concurrencyMax > 0));
  });
}

test('lost requests and answers are made up for by the same ids', async () => {
  let draws = 0;
  // The first two requests publish and register; later every other kind of trouble in turn.
  const fates: Fate[] = ['lost-after', 'answered', 'lost-before', 'answered', 'overloaded'];
  const server = new SimulatedServer(definition.opensAt, () =>
    draws++ < 2 ? 'answered' : fates[draws % fates.length]!,
  );
  const { report, standings } = await replayOn(server, 5);
  assert.equal(standings, standingsOracle(trace));
  assert.equal(report.lost, 0);
  assert.ok(report.repeated > 100, `${report.repeated} repeated`);
});

test('a server that forgets or changes an acknowledged outcome is found out', async () => {
  const server = new SimulatedServer(definition.opensAt);
  const damaged = new Set<string>();
  const set = server.outcomes.set.bind(server.outcomes);
  server.outcomes.set = (id, outcome) => {
    const number = Number(id.split('-')[1]);
    if (number === 100) return server.outcomes;
    if (number === 200) set(id, { ...outcome, status: 'changed' });
    else set(id, outcome);
    damaged.add(id);
    return server.outcomes;
  };
  const { report } = await replayOn(server, 3);
  assert.equal(report.lost, 2);
});
