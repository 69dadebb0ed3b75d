/* What clients are told while a table of a partition is full: over HTTP, by real processors whose tables have 24 rows. */
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { type Answer, startTestGateway } from './testing/test-gateway.ts';
import { compiled } from './testing/test-hunt.ts';

const rates = {
  joinRatePerSecond: 1e6,
  joinBurst: 1e6,
  playerRatePerSecond: 1e6,
  playerBurst: 1e6,
};
const start = (t: TestContext, partitions: number, config: object = {}) =>
  startTestGateway(t, { ...rates, ...config }, partitions, undefined, { tableMaxRows: 24 });

function checkNoRoom({ status, headers, body }: Answer): void {
  assert.deepEqual([status, body.code, body.retry], [503, 'rules-no-room', 'later']);
  assert.equal(headers.get('retry-after'), '1');
  assert.match(headers.get('content-type')!, /^application\/problem\+json/);
}

test('a team for which there is no row is told to come later, and those who are there play on', async (t) => {
  const { call, join } = await start(t, 1);
  const { token } = await join();
  const joins: Answer[] = [];
  for (let team = 0; team < 30; team++) {
    const body = { name: 'Ann', team: { name: `Another ${team}` } };
    joins.push(await call('POST', '/v1/hunts/test-hunt/players', { body }));
  }
  const full = joins.findIndex(({ status }) => status !== 201);
  assert.equal(full, 23, 'one team was there');
  for (const answer of joins.slice(full)) checkNoRoom(answer);
  const body = { type: 'submit-answer', step: 'gate', answer: 'water' };
  const answer = await call('POST', '/v1/hunts/test-hunt/commands', { token, body });
  assert.deepEqual([answer.status, answer.body.outcome], [200, 'solved']);
});

const hoard = compiled(`
hunt: hoard
title: Hoard
version: 1
opens: 2001-01-01T00:00:00Z
closes: 2099-01-01T00:00:00Z
teams: { size: 2 }
steps:
  - { id: gate, title: Gate, points: 1, clue: c, answers: [water] }
treasures:
  - { id: coin, title: Coin, stock: 90, perTeam: 40 }
`);
const commands = '/v1/hunts/hoard/commands';
const claim = { type: 'claim-treasure', treasure: 'coin' };

test('a claim without room is told so, keeps its outcome, and is granted as a new one once there is room', async (t) => {
  const { call, gateway, port } = await start(t, 2, { waitMaxMs: 1_000 });
  await gateway.publish(hoard);
  const join = async (name: string): Promise<string> => {
    const body = { name: 'Ann', team: { name } };
    return (await call('POST', '/v1/hunts/hoard/players', { body })).body.token;
  };
  const claims = (token: string, ids: readonly string[]) =>
    call('POST', `${commands}/batch`, {
      token,
      body: { commands: ids.map((id) => ({ ...claim, id })) },
    });
  const keyOf = (key: string) => ({ headers: { 'idempotency-key': key } });
  /** A team whose partition is not that of the treasure, and no message reaches it: of the other, a claim waits for nobody. */
  async function teamAway(): Promise<string> {
    for (let team = 0; team < 20; team++) {
      const token = await join(`Team ${team}`);
      port.loseMessages();
      const { body } = await claims(token, ['first']);
      if (body.results[0].outcome === 'claim-pending') return token;
      port.loseMessages(false);
    }
    throw new Error('20 teams are of one partition');
  }
  const token = await teamAway();
  const many = Array.from({ length: 30 }, (_, count) => `claim-${count}`);
  const { status, body } = await claims(token, many);
  assert.equal(status, 200);
  const refused = body.results.findIndex(({ status }: { status: string }) => status === 'rejected');
  assert.ok(refused > 0 && refused < 24);
  for (const { commandId, detail, ...result } of body.results.slice(refused)) {
    const isTold = { status: 'rejected', repeated: false, outcome: 'no-room' };
    const says = { code: 'rules-no-room', retry: 'later', retryAfterSeconds: 1 };
    assert.deepEqual(result, { ...isTold, ...says });
    assert.match(commandId, /^[0-9a-f]{32}$/);
    assert.match(detail, /^There is no room for this/);
  }
  const ask = (key: string) => call('POST', commands, { token, body: claim, ...keyOf(key) });
  const single = await ask('single');
  checkNoRoom(single);
  assert.equal(single.body.repeated, false);
  const asked = await call('GET', `${commands}/${single.body.commandId}`);
  assert.deepEqual([asked.status, asked.body.code], [503, 'rules-no-room']);
  const again = await ask('single');
  checkNoRoom(again);
  assert.deepEqual([again.body.commandId, again.body.repeated], [single.body.commandId, true]);
  // What is waiting is sent again.
  port.loseMessages(false);
  let answer = await ask('new-0');
  for (let count = 1; answer.status === 503; count++) {
    // Few enough are asked that the first outcome is still remembered in the end.
    await pause(20);
    answer = await ask(`new-${count}`);
  }
  while (answer.status === 202) answer = await call('GET', `${commands}/${answer.body.commandId}`);
  assert.deepEqual([answer.status, answer.body.outcome], [200, 'granted']);
  checkNoRoom(await ask('single'));
});
