import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { startEngine } from './engine.ts';
import { compiled, testHuntSource } from './gateway/testing/test-hunt.ts';

const base = '/v1/hunts/test-hunt';
const source = testHuntSource.replace(
  'steps:',
  'scoring: { ties: penalty, wrongAnswerPenalty: 1h }\nsteps:',
);

async function open(t: TestContext, directory: string, source?: string, partitions = 1) {
  const engine = await startEngine({
    ...{ directory, host: '127.0.0.1', port: 0, logLevel: 'silent' },
    ...(source === undefined ? {} : { partitions }),
    hunts: source === undefined ? [] : [compiled(source)],
  });
  t.after(() => engine.close());
  while (!(await fetch(`${engine.url}/readyz`)).ok);
  const authorization = `Bearer ${readFileSync(engine.organiserKeyFile, 'utf8').trim()}`;
  return {
    close: () => engine.close(),
    // biome-ignore lint/suspicious/noExplicitAny: the test reads what the API says
    async call(method: string, path: string, body?: object): Promise<any> {
      const headers = { authorization, ...(body ? { 'content-type': 'application/json' } : {}) };
      const options = { method, headers, ...(body ? { body: JSON.stringify(body) } : {}) };
      return (await fetch(engine.url + path, options)).json();
    },
  };
}

test('who is first among equals is the same after a restart', async (t) => {
  const directory = mkdtempSync(join(tmpdir(), 'hunt-engine-'));
  t.after(() => rmSync(directory, { recursive: true, force: true }));
  let engine = await open(t, directory, source);
  const solve = { type: 'submit-answer', step: 'gate' };
  const commands = [
    { ...solve, answer: 'fire', team: 'Hasty', at: '2020-01-01T00:00:00Z' },
    { ...solve, answer: 'water', team: 'Hasty', at: '2020-01-01T00:00:15Z' },
    { ...solve, answer: 'water', team: 'Slow', at: '2020-01-01T00:00:30Z' },
  ];
  const { results } = await engine.call('POST', `${base}/commands/batch`, { commands });
  assert.deepEqual(
    results.map(({ outcome }: { outcome: string }) => outcome),
    ['wrong', 'solved', 'solved'],
  );
  const { standings } = await engine.call('GET', `${base}/standings`);
  const [first] = standings;
  assert.ok(first.penaltySeconds < standings[1].penaltySeconds, JSON.stringify(standings));
  await engine.close();
  engine = await open(t, directory);
  assert.deepEqual((await engine.call('GET', `${base}/standings`)).standings, standings);
});

test('a claim that another partition settled before a restart is answered with its last word when it is sent again', async (t) => {
  const directory = mkdtempSync(join(tmpdir(), 'hunt-engine-'));
  t.after(() => rmSync(directory, { recursive: true, force: true }));
  let engine = await open(t, directory, testHuntSource, 2);
  const commands = Array.from({ length: 12 }, (_, team) => {
    return { type: 'claim-treasure', treasure: 'coin', team: `Team ${team}`, id: `claim-${team}` };
  });
  const claim = async () => {
    const { results } = await engine.call('POST', `${base}/commands/batch`, { commands });
    return results.map(({ commandId, outcome, number, code }: Record<string, unknown>) => {
      return { commandId, outcome, number, code };
    });
  };
  const before = await claim();
  const granted = before.filter(({ outcome }: { outcome: string }) => outcome === 'granted');
  assert.equal(granted.length, 2);
  await engine.close();
  engine = await open(t, directory);
  assert.deepEqual(await claim(), before);
});

test('what another partition answered to a claim is told after a restart', async (t) => {
  const directory = mkdtempSync(join(tmpdir(), 'hunt-engine-'));
  t.after(() => rmSync(directory, { recursive: true, force: true }));
  let engine = await open(t, directory, testHuntSource, 4);
  // Of so many teams some are on other partitions than the treasure: their claims are pending at first.
  const commands = Array.from({ length: 12 }, (_, team) => {
    return { type: 'claim-treasure', treasure: 'coin', team: `Team ${team}` };
  });
  const { results } = await engine.call('POST', `${base}/commands/batch`, { commands });
  const told = ({ number, code }: Record<string, unknown>) => [number, code];
  assert.deepEqual(results.map(told).sort(), [
    ...Array.from({ length: 10 }, () => [undefined, 'rules-treasure-sold-out']),
    [1, undefined],
    [2, undefined],
  ]);
  await engine.close();
  engine = await open(t, directory);
  for (const result of results) {
    const path = `${base}/commands/${result.commandId}`;
    const archived = (answer: { code?: string }) => answer.code !== 'engine-command-unknown';
    let answer = await engine.call('GET', path);
    const until = performance.now() + 30_000;
    while (!archived(answer)) {
      assert.ok(performance.now() < until, 'it is not archived within 30 s');
      answer = await engine.call('GET', path);
    }
    assert.deepEqual(told(answer), told(result));
  }
});
