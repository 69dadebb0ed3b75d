// The plans for other tools are run by these tools, against a real engine: what they say they have sent is held
// against what the engine decided. What a tool makes of an answer shows at a server that gives every kind.
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { type TestContext, test } from 'node:test';
import { runHunt } from '@hunt/cli/testing';
import { startEngine } from '@hunt/engine';
import { freePorts } from '@hunt/services';
import { endings, serveEndings } from './endings-server.ts';
import { loadTools } from './load-tools.ts';

const players = 24;
const rushMs = 4_000;
const rush = `scenario: "Everybody's $\{rush}"
hunt: open.yaml
players: ${players}
phases:
  - { curve: steady, for: 1s, rate: 30/s, counts: no }
  - { curve: drop, for: 3s, rate: 30/s, peak: 90/s }
mix: { answer-right: 6, answer-wrong: 4, scan: 2, check-in: 2, hint: 2, claim: 2, join: 1, standings: 2, progress: 2 }
objectives: { errors: 0.5% }
connections: 300
timeout: 8s
`;
/** Everything is open from the start, so that some of each kind is accepted. */
const openHunt = `hunt: open
title: Everything is open
version: 1
opens: 2026-01-01T00:00:00Z
closes: 2096-01-01T00:00:00Z
teams: { size: 4 }
steps:
  - { id: one, title: One, points: 10, answers: ["it's $\{one}"], hints: [{ text: It is one., cost: 1 }] }
  - { id: two, title: Two, points: 10, answers: [two], hints: [{ text: It is two., cost: 1 }] }
  - { id: three, title: Three, points: 10, answers: [three] }
  - { id: poster, title: A poster, points: 5, scan: { code: wall } }
  - { id: tower, title: A tower, points: 5, place: { latitude: 47.37, longitude: 8.54, radius: 50m } }
treasures:
  - { id: coin, title: Coin, stock: 1000 }
`;
const everyEnding = `scenario: Endings
players: 8
phases: [{ curve: steady, for: 2s, rate: 40/s }]
mix: { ${Object.keys(endings)
  .map((action) => `${action}: 1`)
  .join(', ')} }
objectives: { p50: 3s, p99.9: 4s, longest: 5s, errors: 1% }
timeout: 5s
`;
// The first run on a machine downloads JMeter, over whatever network there is.
const timeout = 5 * 60_000;

/**
 * An engine that lets so many players join at once that the others have to wait. Who waits does so for a second, in
 * which the limit is whole again: the last four of the players leave six joins to those of the mix, which comes at once.
 */
async function startServer(t: TestContext) {
  const directory = mkdtempSync(path.join(tmpdir(), 'hunt-load-plans-'));
  t.after(() => rmSync(directory, { recursive: true }));
  const data = path.join(directory, 'data');
  const engine = await startEngine({
    ...{ directory: data, host: '127.0.0.1', port: 0, hunts: [], logLevel: 'silent' },
    settings: { 'gateway.joinRatePerSecond': 10, 'gateway.joinBurst': 10 },
  });
  let isOpen = true;
  const close = async () => {
    if (isOpen) await engine.close();
    isOpen = false;
  };
  t.after(close);
  const key = readFileSync(engine.organiserKeyFile, 'utf8').trim();
  const hunt = async (...line: string[]) => {
    const { code, output, errors } = await runHunt(line, { HUNT_ORGANISER_KEY: key });
    assert.equal(code, 0, `${line.join(' ')}: ${errors}${output}`);
    return output;
  };
  const exported = (tool: string, scenario: string) => {
    const file = path.join(directory, 'rush.yaml');
    writeFileSync(file, scenario);
    writeFileSync(path.join(directory, 'open.yaml'), openHunt);
    return hunt('load', file, '--target', engine.url, '--export', tool);
  };
  return { url: engine.url, data, hunt, exported, close };
}

function countBy<Item>(
  items: readonly Item[],
  name: (item: Item) => string,
): Record<string, number> {
  const groups = Map.groupBy(items, name);
  return Object.fromEntries([...groups].map(([key, { length }]) => [key, length]));
}

/** Parts of what `hunt load --check` says. */
interface Planned {
  readonly planned: { readonly arrivals: number };
}

for (const { name, skip, run, codes } of loadTools) {
  test(`${name} sends the whole mix, and the engine decides all of it`, {
    skip,
    timeout,
  }, async (t) => {
    const { url, data, hunt, exported, close } = await startServer(t);
    const ran = await run(await exported(name, rush), url);
    const metrics = await (await fetch(`${url}/metrics`)).text();
    await close();
    const { code, joins, requests, output } = ran;
    assert.equal(code, 0, output);
    const undecided = requests.filter(({ isDecided }) => !isDecided);
    assert.deepEqual(undecided, [], output);

    // As many as the scenario says, each action among them, and not before all had joined.
    const sent = countBy(requests, ({ action }) => action);
    const file = path.join(data, '../rush.yaml');
    const { planned } = JSON.parse(await hunt('load', file, '--check', '--json')) as Planned;
    const difference = Math.abs(requests.length - planned.arrivals);
    assert.ok(difference <= 10, `${requests.length} of ${planned.arrivals}`);
    assert.equal(Object.keys(sent).length, 9, JSON.stringify(sent));
    const counting = countBy(requests, ({ counts }) => String(counts));
    assert.equal('false' in counting, name === 'k6', 'the first second is a warm-up');
    assert.ok((counting['false'] ?? 0) < requests.length / 2);
    const joined = joins.filter(({ isGood }) => isGood);
    assert.equal(joined.length, players);
    assert.match(metrics, /^hunt_gateway_rate_limited_requests_total\{of="join"\} [1-9]/m);
    const lastOf = (list: readonly { readonly atMs: number }[]) =>
      Math.max(...list.map(({ atMs }) => atMs));
    assert.ok(lastOf(requests) - lastOf(joined) > rushMs / 2, 'the clock began after the joins');

    // One command published the hunt; a player's join is two.
    const { join = 0, standings = 0, progress = 0 } = sent;
    const teams = players + join;
    const commands = requests.length - join - standings - progress;
    const verified = JSON.parse(await hunt('verify', '--data', data, '--json')) as object;
    assert.deepEqual({ ...verified, ...proven(1 + 2 * teams + commands) }, verified);
    const events = eventsOf(
      await hunt('export', '--data', data, '--hunt', 'open', '--format', 'jsonl'),
    );
    const { teamRegistered, playerJoined, ...others } = events;
    assert.deepEqual([teamRegistered, playerJoined], [teams, teams]);
    const kinds = {
      'stepSolved one': 'answer-right',
      'stepSolved poster': 'scan',
      'stepSolved tower': 'check-in',
      'answerRejected two': 'answer-wrong',
      hintTaken: 'hint',
      claimRequested: 'claim',
    };
    for (const [event, action] of Object.entries(kinds)) {
      const count = others[event] ?? 0;
      assert.ok(count > 0 && count <= sent[action]!, `${event}: ${count} of ${sent[action]}`);
    }
  });

  test(`${name} tells decisions from what is none`, { skip, timeout }, async (t) => {
    const { exported, close } = await startServer(t);
    const script = await exported(name, everyEnding);
    await close();
    const server = await serveEndings();
    t.after(() => server.close());
    const { code, requests, output } = await run(script, server.url);
    assert.equal(code, codes.missed, output);
    const found = Map.groupBy(requests, ({ action }) => action);
    for (const [action, isDecided] of Object.entries(endings)) {
      const judged = new Set(found.get(action)?.map((one) => one.isDecided));
      assert.deepEqual(judged, new Set([isDecided]), `${action}\n${output}`);
    }
  });

  test(`${name} sends no load where nobody can join`, { skip, timeout }, async (t) => {
    const { exported, close } = await startServer(t);
    const script = await exported(name, rush);
    await close();
    const [port] = await freePorts(1);
    const { code, joins, requests, output } = await run(script, `http://127.0.0.1:${port}`);
    assert.equal(code, codes.notJoined, output);
    assert.deepEqual(
      joins.map(({ isGood }) => isGood),
      [false],
    );
    assert.deepEqual(requests, []);
  });
}

/** What `hunt verify` says of so many commands. */
function proven(commands: number) {
  return { commands, decisions: commands, undecided: 0, violations: 0 };
}

/** How many there are of each name, and of each about each step. */
function eventsOf(lines: string): Record<string, number> {
  const events = lines
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as { readonly event: string; readonly itemId: string });
  return {
    ...countBy(events, ({ event }) => event),
    ...countBy(events, ({ event, itemId }) => `${event} ${itemId}`),
  };
}
