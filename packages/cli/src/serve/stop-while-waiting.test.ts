import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { freePorts } from '@hunt/services';
import { huntProgram } from '../testing/hunt-process.ts';

// A platform that takes a node away before its servers are there has not seen a fault.
test('a node that waits for its servers ends well when it is asked to', {
  skip: process.platform === 'win32' && 'has no such signal',
  timeout: 120_000,
}, async (t) => {
  const directory = mkdtempSync(path.join(tmpdir(), 'hunt-waiting-'));
  t.after(() => rmSync(directory, { recursive: true, force: true }));
  const file = path.join(directory, 'cluster.yaml');
  // Nothing listens on port 1, and nobody may but root.
  const nowhere = '["127.0.0.1:1"]';
  writeFileSync(
    file,
    `partitions: 1
secrets: ${JSON.stringify(directory)}
kafka: { bootstrap: ${nowhere} }
zookeeper: { connect: ${nowhere} }
redis: { addresses: ${nowhere} }
cassandra:
  contactPoints: ${nowhere}
  dataCenter: one
  replication: { class: SimpleStrategy, replication_factor: 1 }
`,
  );
  const line = ['serve', '--cluster', file, '--node', 'one', '--roles', 'processor,coordinator'];
  const [port] = await freePorts(1);
  const address = ['--address', `127.0.0.1:${port}`];
  const child = spawn(process.execPath, [huntProgram, ...line, ...address], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  t.after(() => child.kill('SIGKILL'));
  const ended = once(child, 'close');
  let lines = '';
  let isAsked = false;
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    lines += text;
    if (!isAsked && lines.includes('"message":"waiting"')) isAsked = child.kill('SIGTERM');
  });
  assert.deepEqual(await ended, [0, null], lines);
  assert.ok(isAsked, lines);
});
