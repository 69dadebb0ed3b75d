import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import type { CodedError } from '../coded-error.ts';
import type { ConfigSource } from '../coordination/config-source.ts';
import { contractPlan } from '../coordination/coordinator-contract/coordinator-harness.contract.ts';
import { MemoryCoordination } from '../coordination/memory/memory-coordination.ts';
import { clusterSettingsKey, encodeClusterSettings } from './cluster-settings.ts';
import { ConfigKeeper } from './config-keeper.ts';
import { ConfigSchema } from './config-schema.ts';
import { SettingsFollower } from './settings-follower.ts';

const said = { text: 'A property.', why: 'For tests.' };
const number = { ...said, type: 'integer', default: 1, least: 0, most: 100 } as const;
const schema = new ConfigSchema({
  prefix: 'X',
  roles: [],
  table: { 'a.quick': { ...number, dynamic: true }, 'a.slow': number },
});

let memory: MemoryCoordination;
let source: ConfigSource;
let directory: string;

beforeEach(() => {
  memory = new MemoryCoordination({ timings: { retryMs: 20 } });
  source = memory.openConfigSource(contractPlan);
  directory = mkdtempSync(path.join(tmpdir(), 'hunt-follower-'));
});
afterEach(async () => {
  await new Promise<void>((resolve) => source.close(resolve));
  rmSync(directory, { recursive: true });
});

async function until(condition: () => boolean): Promise<void> {
  const deadline = performance.now() + 20_000;
  while (!condition()) {
    assert.ok(performance.now() < deadline, 'it never came true');
    await pause(5);
  }
}

function write(value: string, basedOn: number): Promise<void> {
  const change = { key: clusterSettingsKey, value, basedOn, by: 'ada', why: 'a test' };
  return new Promise((resolve, reject) =>
    source.write(change, (error) => (error ? reject(error) : resolve())),
  );
}

const document = (values: Record<string, string>) =>
  encodeClusterSettings(Object.entries(values).map(([name, value]) => ({ name, value })));

function newNode(name: string) {
  const keeper = new ConfigKeeper({ schema, layers: [] });
  const problems: string[] = [];
  const file = path.join(directory, `${name}.json`);
  const follower = new SettingsFollower({
    ...{ keeper, file },
    applied: () => {},
    problem: (error) => problems.push((error as CodedError).id),
  });
  return { keeper, follower, problems, file };
}

test('every node takes a change; a wrong one changes nothing, and the next counts', async () => {
  const nodes = [newNode('one'), newNode('two')];
  const stops = nodes.map(({ follower }) => follower.follow(memory.openConfigSource(contractPlan)));
  await write(document({ 'a.quick': '5', 'a.slow': '6' }), 0);
  await until(() => nodes.every(({ follower }) => follower.version === 1));
  for (const { keeper } of nodes) assert.deepEqual(keeper.values, { 'a.quick': 5, 'a.slow': 1 });
  await write(document({ 'a.quick': '101' }), 1);
  await until(() => nodes.every(({ problems }) => problems.length === 1));
  for (const { keeper, follower, problems } of nodes) {
    assert.deepEqual(problems, ['veltrix-setting-invalid']);
    assert.deepEqual([keeper.values['a.quick'], follower.version], [5, 1]);
  }
  await write('anything', 2);
  await until(() => nodes.every(({ problems }) => problems.length === 2));
  await write(document({}), 3);
  await until(() => nodes.every(({ follower }) => follower.version === 4));
  for (const { keeper } of nodes) assert.equal(keeper.values['a.quick'], 1);
  for (const stop of stops) stop();
});

test('a node that starts while nobody can be asked has what it took last, start-only settings too', async () => {
  const before = newNode('one');
  before.follower.follow(source);
  await write(document({ 'a.quick': '5', 'a.slow': '6' }), 0);
  await until(() => before.follower.version === 1);
  const after = newNode('one');
  after.follower.begin(undefined);
  assert.deepEqual(after.keeper.values, { 'a.quick': 5, 'a.slow': 6 });
  assert.deepEqual([after.follower.version, after.problems], [1, []]);
  const fresh = newNode('two');
  fresh.follower.begin(undefined);
  assert.deepEqual([fresh.follower.version, fresh.problems], [0, []]);
});

test('a node starts with what the cluster says now, and else with what it took last', async () => {
  const stored = (value: string, version: number) =>
    JSON.stringify({
      format: 1,
      versions: [{ version, value, by: 'ada', why: 'a test', at: 1 }],
    });
  const first = newNode('one');
  first.follower.begin(stored(document({ 'a.slow': '6' }), 3));
  assert.deepEqual([first.keeper.values['a.slow'], first.follower.version], [6, 3]);
  for (const wrong of [stored(document({ 'a.slow': 'x' }), 4), '{', stored('{}', 4)]) {
    const next = newNode('one');
    next.follower.begin(wrong);
    assert.deepEqual([next.keeper.values['a.slow'], next.follower.version], [6, 3]);
    assert.equal(next.problems.length, 1);
  }
  const emptied = newNode('one');
  emptied.follower.begin(null);
  assert.deepEqual([emptied.keeper.values['a.slow'], emptied.follower.version], [1, 0]);
  assert.equal(JSON.parse(readFileSync(emptied.file, 'utf8')).version, 0);
});

test('a damaged file, or one that cannot be written, is named and keeps nothing from starting', async () => {
  const damaged = newNode('one');
  writeFileSync(damaged.file, '{"version":');
  damaged.follower.begin(undefined);
  assert.deepEqual(damaged.problems, ['veltrix-coordination-damaged']);
  const { keeper, follower, problems } = newNode(path.join('missing', 'two'));
  follower.begin(null);
  assert.deepEqual([problems, keeper.values['a.quick']], [['veltrix-config-unwritable'], 1]);
});
