import assert from 'node:assert/strict';
import { test } from 'node:test';
import { WebSocket } from 'ws';
import { engineErrors } from '../errors.ts';
import { MemoryViews } from '../views/memory/memory-views.ts';
import { startTestGateway } from './testing/test-gateway.ts';

/* What clients are told when the views say that they may be out of date. Answers are held against the API's document. */

class OutdatedViews extends MemoryViews {
  since: number | undefined;
  reachable = true;

  override staleSince(): number | undefined {
    return this.since;
  }

  override async standing(huntId: string, teamId: string) {
    if (this.reachable) return super.standing(huntId, teamId);
    throw engineErrors.create('engine-redis-unavailable', { address: 'a', reason: 'b' });
  }
}

const hunt = '/v1/hunts/test-hunt';
const since = Date.UTC(2026, 4, 1, 10, 30);
const staleSince = '2026-05-01T10:30:00.000Z';

test('standings say since when they may be out of date, and only then', async (t) => {
  const views = new OutdatedViews();
  const { call, join } = await startTestGateway(t, {}, 1, undefined, { views });
  const { token, team } = await join();
  const paths = [`${hunt}/standings`, `${hunt}/standings/${team}`, `${hunt}/me`];
  const told = () =>
    Promise.all(paths.map(async (path) => (await call('GET', path, { token })).body.staleSince));
  assert.deepEqual(await told(), [undefined, undefined, undefined]);
  views.since = since;
  assert.deepEqual(await told(), [staleSince, staleSince, staleSince]);
  views.since = undefined;
  assert.deepEqual(await told(), [undefined, undefined, undefined]);
});

test('players see their own progress while standings cannot be read', async (t) => {
  const views = new OutdatedViews();
  const { call, join } = await startTestGateway(t, {}, 1, undefined, { views });
  const { token, team } = await join();
  views.reachable = false;
  assert.equal((await call('GET', `${hunt}/standings/${team}`)).status, 503);
  const { status, body } = await call('GET', `${hunt}/me`, { token });
  assert.equal(status, 200);
  assert.equal(body.team, team);
  assert.equal('rank' in body, false);
});

const deadline = { timeout: 30_000 };

test(
  'who watches is told when standings become stale, and when they no longer are',
  deadline,
  async (t) => {
    const views = new OutdatedViews();
    const { url } = await startTestGateway(t, { liveIntervalMs: 20 }, 1, undefined, { views });
    const socket = new WebSocket(`${url.replace('http', 'ws')}${hunt}/live`);
    t.after(() => socket.terminate());
    const told: unknown[] = [];
    const changes: (number | undefined)[] = [since, undefined];
    await new Promise<void>((resolve) => {
      socket.on('message', (data) => {
        const message = JSON.parse(String(data)) as { event: string; staleSince?: string };
        told.push([message.event, message.staleSince]);
        if (changes.length === 0) return resolve();
        views.since = changes.shift();
      });
    });
    assert.deepEqual(told, [
      ['standings', undefined],
      ['standings', staleSince],
      ['standings', undefined],
    ]);
  },
);
