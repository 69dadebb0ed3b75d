import assert from 'node:assert/strict';
import {
  linkSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import { NodeDisk } from 'veltrix';
import type { Identity } from './identity.ts';
import { openOrganiserKeyFile } from './organiser-key-file.ts';
import { SqliteIdentity } from './sqlite/sqlite-identity.ts';

function identityIn(test: TestContext): { identity: Identity; directory: string; path: string } {
  const directory = mkdtempSync(join(tmpdir(), 'organiser-key-'));
  const identity = new SqliteIdentity({ path: join(directory, 'people') });
  test.after(async () => {
    await identity.close();
    rmSync(directory, { recursive: true });
  });
  mkdirSync(join(directory, 'shared'));
  return { identity, directory, path: join(directory, 'shared', 'organiser.key') };
}

/** Lets every caller make its key before any of them goes on; then they go on one after the other. */
function meeting(identity: Identity, callers: number): Pick<Identity, 'createOrganiserKey'> {
  const { promise: all, resolve: together } = Promise.withResolvers<void>();
  let there = 0;
  return {
    async createOrganiserKey(...parameters) {
      const key = await identity.createOrganiserKey(...parameters);
      there += 1;
      const turns = there;
      if (there === callers) together();
      await all;
      for (let turn = 0; turn < turns; turn += 1) await setImmediate();
      return key;
    },
  };
}

describe('the file of the first organiser key', () => {
  it('is made once, for nobody else to read, with a key that may do everything', async (test) => {
    const { identity, path } = identityIn(test);
    assert.equal(await openOrganiserKeyFile(path, identity), path);
    const key = readFileSync(path, 'utf8');
    assert.equal(statSync(path).mode & 0o777, 0o600);
    assert.equal((await identity.organiserScopes(key.trim()))?.length, 4);
    await openOrganiserKeyFile(path, identity);
    assert.equal(readFileSync(path, 'utf8'), key);
    assert.deepEqual(readdirSync(dirname(path)), ['organiser.key']);
  });

  it('is the first one for all nodes that share the directory and start at once', async (test) => {
    const { identity, path } = identityIn(test);
    const nodes = 4;
    const shared = meeting(identity, nodes);
    const seen = await Promise.all(
      Array.from({ length: nodes }, async () => {
        return readFileSync(await openOrganiserKeyFile(path, shared), 'utf8');
      }),
    );
    assert.equal(new Set(seen).size, 1);
    assert.notEqual(await identity.organiserScopes(seen[0]?.trim() ?? ''), undefined);
    assert.deepEqual(readdirSync(dirname(path)), ['organiser.key']);
  });

  it('holds the key alone: a second name of it that a crash left is gone after the next start', async (test) => {
    const { identity, path } = identityIn(test);
    await openOrganiserKeyFile(path, identity);
    linkSync(path, `${path}.${'0'.repeat(16)}.tmp`);
    await openOrganiserKeyFile(path, identity);
    assert.deepEqual(readdirSync(dirname(path)), ['organiser.key']);
  });

  it('is durable also where its maker died before its name was', async (test) => {
    const { identity, path } = identityIn(test);
    await openOrganiserKeyFile(path, identity);
    const syncs = test.mock.method(NodeDisk.prototype, 'syncDirectory');
    await openOrganiserKeyFile(path, identity);
    assert.deepEqual(
      syncs.mock.calls.map(({ arguments: [synced] }) => synced),
      [dirname(path)],
    );
  });

  it('says so when it cannot be made', async (test) => {
    const { identity, directory } = identityIn(test);
    const path = join(directory, 'missing', 'organiser.key');
    await assert.rejects(openOrganiserKeyFile(path, identity), { id: 'engine-store-failed' });
  });
});
