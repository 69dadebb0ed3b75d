import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { RoleShares } from 'veltrix/cluster';
import { SharedRole } from './shared-role.ts';

/** The assignment as the tests write it, and what one node makes of it. */
function nodeWith(shares?: RoleShares) {
  const listeners: (() => void)[] = [];
  const done: string[] = [];
  let present = shares;
  const board = {
    sharesOf: (role: string) => (role === 'views' ? present : undefined),
    onChange: (listener: () => void) => void listeners.push(listener),
  };
  const role = new SharedRole({
    ...{ board, node: 'a', role: 'views' },
    begin: (partition) => done.push(`begin ${partition}`),
    end: (partition) => done.push(`end ${partition}`),
  });
  const assign = (next: RoleShares | undefined) => {
    present = next;
    for (const listener of listeners) listener();
    return done.splice(0);
  };
  return { role, assign, done };
}

test('a node works for its share, takes over what it is given and lets go of what others are', () => {
  const { role, assign, done } = nodeWith(['a', 'b', undefined]);
  assert.deepEqual(done.splice(0), ['begin 0']);
  assert.deepEqual(assign(['a', 'b', undefined]), []);
  assert.deepEqual(assign(['b', 'a', 'a']), ['end 0', 'begin 1', 'begin 2']);
  role.close();
  assert.deepEqual(done.splice(0), ['end 1', 'end 2']);
  assert.deepEqual(assign(['a', 'a', 'a']), []);
});

test('without an assignment it begins nothing, and ends nothing that it has', () => {
  const { role, assign } = nodeWith();
  assert.deepEqual(assign(['a', 'b']), ['begin 0']);
  assert.deepEqual(assign(undefined), []);
  assert.deepEqual([...role.held], [0]);
});
