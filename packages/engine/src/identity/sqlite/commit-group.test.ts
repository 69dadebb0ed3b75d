import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { DatabaseSync } from '../../sqlite/sqlite-module.ts';
import { CommitGroup } from './commit-group.ts';

/** A table whose rows may be wrong until the commit, which then fails. */
const schema = `
  PRAGMA foreign_keys=ON;
  CREATE TABLE item (id INTEGER PRIMARY KEY, parent INTEGER
    REFERENCES item (id) DEFERRABLE INITIALLY DEFERRED)`;

function newGroup() {
  const database = new DatabaseSync(':memory:');
  database.exec(schema);
  const deferred: (() => void)[] = [];
  const group = new CommitGroup(database, 'test.db', (task) => deferred.push(task));
  const add = (id: number, parent: number | null) =>
    group.write(() => database.prepare('INSERT INTO item VALUES (?, ?)').run(id, parent).changes);
  const turn = () => {
    for (const task of deferred.splice(0)) task();
  };
  const ids = () =>
    database
      .prepare('SELECT id FROM item ORDER BY id')
      .all()
      .map((row) => row['id']);
  return { group, add, turn, ids, deferred };
}

describe('CommitGroup', () => {
  it('fails every call of a turn whose commit fails, and goes on with the next turn', async () => {
    const { add, turn, ids } = newGroup();
    const calls = [add(1, null), add(2, 99), add(3, null)];
    const settled = Promise.allSettled(calls);
    turn();
    for (const result of await settled) {
      assert.equal(result.status, 'rejected');
      assert.equal(result.status === 'rejected' && result.reason.id, 'engine-store-failed');
    }
    assert.deepEqual(ids(), []);
    const next = add(4, null);
    turn();
    assert.equal(await next, 1);
    assert.deepEqual(ids(), [4]);
  });

  it('lets a read wait for what it may have read', async () => {
    const { group, add, turn, ids } = newGroup();
    const order: string[] = [];
    const write = add(1, null).then(() => order.push('written'));
    const read = group.read(ids).then((found) => order.push(`read ${found}`));
    assert.deepEqual(order, []);
    turn();
    await Promise.all([write, read]);
    assert.deepEqual(order, ['written', 'read 1']);
    assert.deepEqual(await group.read(ids), [1]);
  });

  it('commits in between when a turn has very many calls', async () => {
    const { add, deferred } = newGroup();
    await Promise.all(Array.from({ length: 1000 }, (_, index) => add(index, null)));
    assert.equal(deferred.length, 1);
  });
});
