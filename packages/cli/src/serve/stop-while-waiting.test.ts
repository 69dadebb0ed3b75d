import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { freePorts } from '@hunt/services';
import { ServeProcess } from '../testing/serve-process.ts';

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
  const flags = ['--cluster', file, '--node', 'one', '--roles', 'processor,coordinator'];
  const [port] = await freePorts(1);
  const node = new ServeProcess([...flags, '--address', `127.0.0.1:${port}`]);
  t.after(() => node.kill());
  await node.said('waiting');
  await node.stop();
});
