import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { DatabaseSync } from '../../sqlite/sqlite-module.ts';
import { testIdentityContract } from '../identity.contract.ts';
import { SqliteIdentity, type SqliteIdentityOptions } from './sqlite-identity.ts';

const hunt = '00000000000000a1';

function directoryFor(test: TestContext): string {
  const directory = mkdtempSync(join(tmpdir(), 'identity-'));
  test.after(() => rmSync(directory, { recursive: true }));
  return directory;
}

function openIn(test: TestContext, options: Partial<SqliteIdentityOptions> = {}): SqliteIdentity {
  const directory = mkdtempSync(join(tmpdir(), 'identity-'));
  const identity = new SqliteIdentity({ path: join(directory, 'identity.db'), ...options });
  test.after(async () => {
    await identity.close();
    rmSync(directory, { recursive: true });
  });
  return identity;
}

testIdentityContract('SqliteIdentity', (test) => {
  const path = join(directoryFor(test), 'identity.db');
  const open = () => {
    const identity = new SqliteIdentity({ path, cacheMaxEntries: 4 });
    test.after(() => identity.close());
    return identity;
  };
  return { identity: open(), reopen: open };
});

describe('SqliteIdentity', () => {
  it('commits calls of one turn together', async (test) => {
    const deferred: (() => void)[] = [];
    const identity = openIn(test, { defer: (task) => deferred.push(task) });
    let settled = 0;
    const calls = Array.from({ length: 50 }, async (_, index) => {
      await identity.createSoloPlayer(hunt, `player ${index}`);
      settled += 1;
    });
    await Promise.resolve();
    assert.equal(deferred.length, 1);
    assert.equal(settled, 0);
    deferred[0]!();
    await Promise.all(calls);
    assert.equal(settled, 50);
  });

  it('undoes only the call that fails', async (test) => {
    const identity = openIn(test);
    const good = identity.teamNamed(hunt, 'good');
    const bad = identity.teamsNamed(hunt, ['half', 'a\u0000']);
    await assert.rejects(bad, { id: 'engine-name-invalid' });
    assert.equal((await good).created, true);
    assert.equal((await identity.teamNamed(hunt, 'half')).created, true);
  });

  it('takes another id when one is taken, and gives up on a broken source of randomness', async (test) => {
    let byte = 0;
    let broken = false;
    let draws = 0;
    // Every id is drawn twice.
    const random = (count: number) => {
      draws += 1;
      if (!broken && draws % 2 === 0) byte += 1;
      return new Uint8Array(count).fill(byte);
    };
    const identity = openIn(test, { random });
    const players = [];
    for (const name of ['a', 'b', 'c']) players.push(await identity.createSoloPlayer(hunt, name));
    assert.equal(new Set(players.map((player) => player.playerId)).size, 3);
    broken = true;
    await assert.rejects(identity.createSoloPlayer(hunt, 'd'), { id: 'engine-store-failed' });
    assert.equal((await identity.teamNames(hunt, [players[0]!.teamId])).size, 1);
  });

  it('leaves no trace of an erased name in any file', async (test) => {
    const directory = directoryFor(test);
    const identity = new SqliteIdentity({ path: join(directory, 'identity.db') });
    const player = await identity.createSoloPlayer(hunt, 'Rumpelstiltskin');
    const found = () =>
      readdirSync(directory).some((file) =>
        readFileSync(join(directory, file)).includes('Rumpelstiltskin'),
      );
    assert.equal(found(), true);
    await identity.erasePlayer(hunt, player.playerId);
    assert.equal(found(), false);
    await identity.close();
  });

  it('lets nobody else read the files, and keeps no organiser key in them', async (test) => {
    const directory = directoryFor(test);
    const identity = new SqliteIdentity({ path: join(directory, 'identity.db') });
    const key = await identity.createOrganiserKey('desk', ['publish']);
    const files = readdirSync(directory);
    assert.ok(files.length > 1);
    for (const file of files) {
      assert.equal(statSync(join(directory, file)).mode & 0o777, 0o600);
      assert.equal(readFileSync(join(directory, file)).includes(key), false);
    }
    await identity.close();
  });

  it('refuses a file of another version or kind, and one that is no database', (test) => {
    const directory = directoryFor(test);
    const newer = join(directory, 'newer.db');
    new SqliteIdentity({ path: newer }).close();
    const database = new DatabaseSync(newer);
    database.exec('PRAGMA user_version=2');
    database.close();
    assert.throws(() => new SqliteIdentity({ path: newer }), { id: 'engine-store-version' });
    const foreign = join(directory, 'foreign.db');
    const other = new DatabaseSync(foreign);
    other.exec('CREATE TABLE something (a)');
    other.close();
    assert.throws(() => new SqliteIdentity({ path: foreign }), { id: 'engine-store-version' });
    const text = join(directory, 'text.db');
    writeFileSync(text, 'not a database '.repeat(100));
    assert.throws(() => new SqliteIdentity({ path: text }), { id: 'engine-store-damaged' });
    assert.throws(() => new SqliteIdentity({ path: join(directory, 'no', 'where.db') }), {
      id: 'engine-store-failed',
    });
  });
});
