import assert from 'node:assert/strict';
import { afterEach, beforeEach, test } from 'node:test';
import { type ConfigSource, MemoryCoordination } from 'veltrix/cluster';
import { type ClusterSetting, clusterSettingsKey, decodeClusterSettings } from 'veltrix/config';
import { SettingsControl } from './settings-control.ts';

const plan = { logId: 'a'.repeat(32), partitionCount: 4, dedupeWindow: 1 << 18 };

let memory: MemoryCoordination;
let config: ConfigSource;
let control: SettingsControl;

beforeEach(() => {
  memory = new MemoryCoordination();
  const coordinator = memory.openCoordinator(plan);
  config = memory.openConfigSource(plan);
  control = new SettingsControl({ coordinator, config, by: 'ada@desk' });
});
afterEach(async () => {
  await control.close();
  await new Promise<void>((resolve) => config.close(resolve));
});

const set = (name: string, value: string, node?: string): ClusterSetting => ({
  ...{ name, value },
  ...(node !== undefined && { target: { kind: 'node', of: node } }),
});
const change = (...settings: ClusterSetting[]) =>
  control.change({ set: settings, remove: [], why: 'a test' });
async function kept(): Promise<readonly ClusterSetting[]> {
  const document = await control.read();
  return document === undefined ? [] : decodeClusterSettings(document.value);
}

test('values are set for all or for some, replaced, and taken back', async () => {
  const wait = set('gateway.waitMaxMs', '2s');
  const first = await change(wait, set('gateway.waitMaxMs', '3s', 'two'));
  assert.deepEqual([first.version, first.by, first.why], [1, 'ada@desk', 'a test']);
  await change(set('gateway.waitMaxMs', '4s', 'two'), set('log.retainBytes', '1GiB'));
  assert.deepEqual(await kept(), [
    wait,
    set('gateway.waitMaxMs', '4s', 'two'),
    set('log.retainBytes', '1GiB'),
  ]);
  const target = { kind: 'node', of: 'two' } as const;
  const remove = [{ name: 'gateway.waitMaxMs', target }, { name: 'log.retainBytes' }];
  await control.change({ set: [], remove, why: 'enough' });
  assert.deepEqual(await kept(), [wait]);
});

test('what is wrong for anybody is refused with its reason, and nothing is written', async () => {
  await change(set('gateway.waitMaxMs', '2s'));
  for (const [settings, id] of [
    [[set('gateway.waitMaxM', '2s')], 'veltrix-setting-unknown'],
    [[set('gateway.waitMaxMs', '2MiB')], 'veltrix-setting-invalid'],
    [[set('gateway.waitMaxMs', '3s'), set('log.segmentBytes', '1')], 'veltrix-setting-invalid'],
    [[set('gateway.inflightMaxBytes', '1kB', 'two')], 'veltrix-setting-contradiction'],
    [[set('gateway.waitMaxMs', '2s')], 'engine-settings-unchanged'],
    [
      [{ ...set('log.retainBytes', '1GiB'), target: { kind: 'hunt', of: 'night' } }],
      'veltrix-setting-invalid',
    ],
  ] as const) {
    await assert.rejects(change(...settings), { id });
  }
  const remove = [{ name: 'gateway.waitMaxM' }];
  await assert.rejects(control.change({ set: [], remove, why: 'x' }), {
    id: 'engine-settings-unchanged',
    message: /keeps no gateway\.waitMaxM; did you mean gateway\.waitMaxMs\?/,
  });
  assert.equal((await control.read())?.version, 1);
});

test('an earlier version comes back as a new one, with who and why', async () => {
  await change(set('gateway.waitMaxMs', '2s'));
  await change(set('gateway.waitMaxMs', '3s'));
  const back = await control.rollback(1, 'too slow');
  assert.deepEqual([back.version, back.why], [3, 'too slow']);
  assert.deepEqual(await kept(), [set('gateway.waitMaxMs', '2s')]);
  await control.rollback(0, 'all of it');
  assert.deepEqual(await kept(), []);
  assert.deepEqual(
    (await control.history()).map(({ version, why }) => [version, why]),
    [
      [4, 'all of it'],
      [3, 'too slow'],
      [2, 'a test'],
      [1, 'a test'],
    ],
  );
  await assert.rejects(control.rollback(9, 'x'), {
    id: 'engine-settings-version-unknown',
    message: /no version 9 .*; there are 4, 3, 2, 1/,
  });
});

test('the beginning cannot be gone back to once it is no longer kept', async () => {
  for (let count = 0; count < 21; count++) await change(set('gateway.playerBurst', `${count + 1}`));
  await assert.rejects(control.rollback(0, 'x'), { id: 'engine-settings-version-unknown' });
});

test('of two who change at once, nobody loses what the other set', async () => {
  const other = new SettingsControl({
    ...{ coordinator: memory.openCoordinator(plan), config: memory.openConfigSource(plan) },
    by: 'eve@desk',
  });
  const why = 'at once';
  await Promise.all([
    change(set('gateway.waitMaxMs', '2s')),
    other.change({ set: [set('gateway.playerBurst', '9')], remove: [], why }),
  ]);
  assert.deepEqual((await kept()).map(({ name }) => name).sort(), [
    'gateway.playerBurst',
    'gateway.waitMaxMs',
  ]);
  await other.close();
});

test('what somebody edited by hand is not overwritten, but rolled back', async () => {
  await change(set('gateway.waitMaxMs', '2s'));
  const edit = { key: clusterSettingsKey, value: 'mine!', basedOn: 1, by: 'eve', why: 'test' };
  await new Promise<void>((resolve) => config.write(edit, () => resolve()));
  await assert.rejects(change(set('gateway.playerBurst', '9')), {
    id: 'veltrix-coordination-damaged',
  });
  await control.rollback(1, 'mended');
  assert.deepEqual(await kept(), [set('gateway.waitMaxMs', '2s')]);
});
