import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type LockFile, lockProblems, mendLock } from './lock-file.ts';

test('a workspace link is fine, an address of a registry is not', () => {
  const lock: LockFile = {
    packages: {
      'node_modules/ours': { resolved: 'packages/ours', link: true },
      'node_modules/theirs': { version: '1.0.0', resolved: 'https://registry.test/theirs.tgz' },
    },
  };
  assert.deepEqual(lockProblems(lock), ['node_modules/theirs names a registry in "resolved"']);
  mendLock(lock);
  assert.deepEqual(lock.packages, {
    'node_modules/ours': { resolved: 'packages/ours', link: true },
    'node_modules/theirs': { version: '1.0.0' },
  });
});

test('binaries for other platforms are added, each bound to its platform', () => {
  const lock: LockFile = {
    packages: {
      'node_modules/tool': {
        version: '2.0.0',
        dev: true,
        optionalDependencies: {
          '@tool/linux-x64-gnu': '2.0.0',
          '@tool/linux-arm-musleabihf': '2.0.0',
          '@tool/win32-arm64-msvc': '2.0.0',
        },
      },
      'node_modules/@tool/linux-x64-gnu': { version: '2.0.0', optional: true },
    },
  };
  assert.equal(lockProblems(lock).length, 2);
  mendLock(lock);
  assert.deepEqual(lockProblems(lock), []);
  assert.deepEqual(lock.packages['node_modules/@tool/linux-arm-musleabihf'], {
    version: '2.0.0',
    cpu: ['arm'],
    dev: true,
    optional: true,
    os: ['linux'],
    libc: ['musl'],
  });
  assert.deepEqual(lock.packages['node_modules/@tool/win32-arm64-msvc'], {
    version: '2.0.0',
    cpu: ['arm64'],
    dev: true,
    optional: true,
    os: ['win32'],
  });
});

test('an optional package that is not named after a platform is not guessed', () => {
  const lock: LockFile = {
    packages: { 'node_modules/tool': { optionalDependencies: { fsevents: '2.0.0' } } },
  };
  assert.throws(() => mendLock(lock), /fsevents@2\.0\.0 is not named after a platform/);
});
