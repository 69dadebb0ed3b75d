/* What a node of a cluster makes of its file of settings and of what the cluster says, before anything else of it runs. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { ConfigKeeper, encodeClusterSettings, SettingsFile } from 'veltrix/config';
import { parseConfig } from 'veltrix/config-file';
import { engineSchema } from '../../engine-settings.ts';
import { readClusterConfig } from '../cluster-config.ts';
import { NodeContext } from './node-context.ts';

interface Line {
  readonly message: string;
  readonly hunt?: Readonly<Record<string, unknown>>;
  readonly 'error.code'?: string;
}

const clusterFile = `
partitions: 4
secrets: .
identity: { keyspace: people }
kafka: { bootstrap: ['127.0.0.1:1'] }
zookeeper: { connect: ['127.0.0.1:1'] }
redis: { addresses: ['127.0.0.1:1'] }
cassandra:
  contactPoints: ['127.0.0.1:1']
  dataCenter: one
  replication: { class: SimpleStrategy, replication_factor: 1 }
`;

test('a node that reads its file again tries again what the cluster says, and tells both in the same fields', async (t) => {
  const directory = mkdtempSync(path.join(tmpdir(), 'hunt-node-context-'));
  t.after(() => rmSync(directory, { recursive: true }));
  const at = (name: string) => path.join(directory, name);
  writeFileSync(at('cluster.yaml'), clusterFile);
  writeFileSync(at('settings.yaml'), 'gateway: { recordMaxBytes: 1MiB }\n');
  const config = await readClusterConfig(at('cluster.yaml'), {
    ...{ node: 'one', address: '127.0.0.1:7300' },
  });
  const settingsFile = new SettingsFile(at('settings.yaml'), (text, file) =>
    parseConfig(engineSchema, text, file),
  );
  const settings = new ConfigKeeper({ schema: engineSchema, layers: [settingsFile.read()] });
  const lines: Line[] = [];
  const node = new NodeContext({
    ...{ config, settings, settingsFile, host: '127.0.0.1', port: 0, hunts: [], release: '9' },
    logLines: (line) => void lines.push(JSON.parse(line)),
  });
  t.after(() => node.close());
  const said = [
    { name: 'gateway.waitMaxMs', value: '2s' },
    { name: 'gateway.inflightMaxBytes', value: '512KiB' },
  ];
  node.follower?.follow({
    watch: (key: string, { changed }: { changed: (document: object) => void }) => {
      const value = encodeClusterSettings(said);
      changed({ key, version: 1, value, by: 'ada', why: 'a test', at: 1 });
      return () => {};
    },
  } as never);
  assert.equal(settings.values['gateway.waitMaxMs'], 5_000, 'a record would not fit');
  writeFileSync(at('settings.yaml'), 'gateway: { recordMaxBytes: 128KiB }\n');
  node.reload.reload();
  assert.equal(settings.values['gateway.waitMaxMs'], 2_000);
  assert.deepEqual(
    lines.map(({ message, hunt, 'error.code': code }) => ({ message, ...hunt, code })),
    [
      { message: 'settings of the cluster not taken', code: 'veltrix-setting-contradiction' },
      {
        message: 'settings of the file taken',
        file: at('settings.yaml'),
        changed: ['gateway.recordMaxBytes'],
        settings: [
          {
            ...{ name: 'gateway.recordMaxBytes', before: '1MiB', after: '128KiB' },
            place: `${at('settings.yaml')}:1:12`,
          },
        ],
        code: undefined,
      },
      {
        message: 'settings of the cluster taken',
        version: 1,
        changed: ['gateway.inflightMaxBytes', 'gateway.waitMaxMs'],
        settings: [
          {
            ...{ name: 'gateway.inflightMaxBytes', before: '16MiB', after: '512KiB' },
            place: 'the cluster, version 1',
          },
          {
            ...{ name: 'gateway.waitMaxMs', before: '5s', after: '2s' },
            place: 'the cluster, version 1',
          },
        ],
        waiting: [],
        code: undefined,
      },
    ],
  );
});
