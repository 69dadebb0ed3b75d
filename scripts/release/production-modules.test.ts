import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type LockedPackages, productionModules } from './production-modules.ts';

const locked: LockedPackages = {
  '': {},
  'packages/cli': { dependencies: { '@hunt/engine': '1', one: '1' } },
  'packages/engine': { dependencies: { two: '1' } },
  'node_modules/@hunt/engine': { link: true, resolved: 'packages/engine' },
  'node_modules/@hunt/services': { link: true, resolved: 'services' },
  'node_modules/one': {
    dependencies: { two: '2' },
    optionalDependencies: { '@a/linux': '1', '@a/mac': '1', gone: '1' },
  },
  'node_modules/one/node_modules/two': { dependencies: { four: '1' } },
  'node_modules/two': {
    dependencies: { '@b/three': '1' },
    peerDependencies: { one: '1', none: '1' },
  },
  'packages/engine/node_modules/two': { dependencies: { four: '1' } },
  'node_modules/@b/three': { dependencies: { four: '1' } },
  'node_modules/four': {},
  'node_modules/@a/linux': {},
  'node_modules/@a/mac': {},
  'node_modules/only-for-tests': {},
};

test('what runs needs what Node would find: nearest first, through links, for this platform', () => {
  const isThere = (folder: string) => folder !== 'node_modules/@a/mac';
  const { folders, links } = productionModules(locked, 'packages/cli', isThere);
  assert.deepEqual(folders, [
    'node_modules/@a/linux',
    'node_modules/four',
    'node_modules/one',
    'packages/engine/node_modules/two',
  ]);
  assert.deepEqual([...links], [['node_modules/@hunt/engine', 'packages/engine']]);
});

test('a package that is locked and not installed is named', () => {
  assert.throws(
    () => productionModules(locked, 'packages/cli', (folder) => folder !== 'node_modules/four'),
    /needs four, which is not installed: npm ci/,
  );
});
