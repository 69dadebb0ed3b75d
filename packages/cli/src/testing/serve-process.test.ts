import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ServeProcess } from './serve-process.ts';

test('whoever waits for a server that ended is told what it said', async (t) => {
  const server = new ServeProcess(['--data', '/dev/null/data', '--port', '0', '--json']);
  t.after(() => server.kill());
  await assert.rejects(server.said('never'), /^Error: it ended: .*"error":\{"id":"[a-z-]+"/s);
  await assert.rejects(server.stop(), assert.AssertionError);
});
