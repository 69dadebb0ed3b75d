import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { huntInProcess } from '../testing/hunt-in-process.ts';
import { preflightExitCode } from './preflight-exit-code.ts';

const value = { what: '', value: '', source: '' };

let directory: string;
before(() => {
  directory = mkdtempSync(path.join(tmpdir(), 'hunt-preflight-'));
});
after(() => rmSync(directory, { recursive: true }));

async function preflight(...flags: readonly string[]) {
  const data = flags.includes('--cluster') ? [] : ['--data', path.join(directory, 'data')];
  const run = await huntInProcess(['preflight', ...data, ...flags]);
  if (!flags.includes('--json')) {
    for (const line of run.output.split('\n')) {
      assert.ok(line.length <= 80 || line.includes(directory), line);
    }
  }
  return { ...run, output: run.output.replace(/\n {2}/g, ' ') };
}

test('a process with the defaults is well, and what was judged is told', async () => {
  const { code, output } = await preflight();
  assert.match(output, /^\d\d rules were judged: nothing is wrong\n$/);
  assert.equal(code, 0);
});

test('warnings show both values with their sources, and have an exit code of their own', async () => {
  const { code, output } = await preflight('--set', 'gateway.admissionTargetMs=9s');
  assert.equal(code, 4);
  const [line = '', last = ''] = output.split('\n');
  assert.equal(
    line,
    'warns preflight-admission-wait gateway.admissionTargetMs: 9s (--set gateway.admissionTargetMs); gateway.waitMaxMs: 5s (the default). Set gateway.admissionTargetMs below 5s.',
  );
  assert.match(last, /0 findings keep a process from starting, 1 warns$/);
});

test('a file of settings counts, and JSON has everything', async () => {
  const file = path.join(directory, 'hunt.yaml');
  writeFileSync(file, 'gateway:\n  recentOutcomes: 10\n');
  const { code, output } = await preflight('--config', file, '--json');
  assert.equal(code, 4);
  const { findings, checked, unasked } = JSON.parse(output);
  assert.deepEqual(
    findings.map(({ id, severity, values: [one, other] }: (typeof findings)[0]) => {
      return [id, severity, one.what, one.value, one.source, other.what, other.value];
    }),
    [
      [
        ...['preflight-recent-outcomes', 'warns', 'gateway.recentOutcomes', '10'],
        ...[`${file}:2:3`, 'gateway.inflightMaxCommands', '20000'],
      ],
    ],
  );
  assert.ok(checked.includes('preflight-memory-buffers') && unasked.length === 0);
});

test('wrong settings are told as everywhere', async () => {
  const { code, errors } = await preflight('--set', 'gateway.waitMaxM=1');
  assert.equal(code, 1);
  assert.match(errors, /veltrix-setting-unknown/);
});

test('servers that are away are told each, and what needs none of them is judged', async () => {
  const file = path.join(directory, 'cluster.yaml');
  // Nobody listens on port 1.
  const away = '127.0.0.1:1';
  const config = {
    ...{ node: 'one', address: '127.0.0.1:2', secrets: 'secrets' },
    ...{ dedupeWindow: 2 ** 25, kafka: { bootstrap: away }, zookeeper: { connect: away } },
    redis: { addresses: away },
    cassandra: {
      ...{ contactPoints: away, dataCenter: 'dc1' },
      replication: { class: 'NetworkTopologyStrategy', dc2: 3 },
    },
  };
  writeFileSync(file, JSON.stringify(config));
  const set = ['--set', 'partitions=4'];
  const { code, output } = await preflight('--cluster', file, ...set, '--json');
  assert.equal(code, 1);
  const { findings, unasked } = JSON.parse(output);
  assert.deepEqual(
    findings.map(({ id }: { id: string }) => id),
    ['preflight-dedupe-window', 'preflight-cassandra-local-copies'],
  );
  assert.deepEqual(
    unasked.map(({ what }: { what: string }) => what),
    [
      ...['ZooKeeper', 'Kafka topics', 'Kafka brokers', 'log', 'Redis', 'Cassandra'],
      ...['clock of Redis', 'clock of Cassandra'],
    ],
  );
  for (const { reason, rules } of unasked) assert.ok(reason !== '' && rules.length > 0);
});

test('the exit code says what weighs most', () => {
  const finding = { id: 'x', title: '', values: [value, value], change: '', others: 0 } as const;
  const refusing = { ...finding, severity: 'refuses' } as const;
  const warning = { ...finding, severity: 'warns' } as const;
  const unasked = [{ what: 'Redis', reason: 'away', rules: [] }];
  for (const [report, code] of [
    [{ findings: [], unasked: [] }, 0],
    [{ findings: [refusing, warning], unasked }, 1],
    [{ findings: [warning], unasked: [] }, 4],
    [{ findings: [warning], unasked }, 69],
    [{ findings: [], unasked }, 69],
  ] as const) {
    assert.equal(preflightExitCode(report), code);
  }
});
