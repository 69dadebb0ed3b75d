import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CommandIds } from './command-id.ts';

const hunt = { low: 1, high: 2 };
const player = { low: 3, high: 4 };

function idOf(ids: CommandIds, key: string, sender = player): string {
  const id = new Uint8Array(16);
  ids.fromKey(key, hunt, sender, id);
  return Buffer.from(id).toString('hex');
}

test('the same key of the same sender is the same id, also after a restart', () => {
  const first = idOf(new CommandIds(new Uint8Array(32)), 'key-1');
  assert.equal(idOf(new CommandIds(new Uint8Array(32)), 'key-1'), first);
  // Kept: ids are in logs, so a release that made others would decide retries twice.
  assert.equal(first, '5f2aab46b266b6683d830fcc536f5424');
});

test('key, sender and secret each change the id', () => {
  const ids = new CommandIds(new Uint8Array(32));
  const other = new CommandIds(new Uint8Array(32).fill(1));
  const seen = new Set([
    idOf(ids, 'key-1'),
    idOf(ids, 'key-2'),
    idOf(ids, 'key-1', { low: 3, high: 5 }),
    idOf(other, 'key-1'),
  ]);
  assert.equal(seen.size, 4);
});

test('a hundred thousand keys make as many ids', () => {
  const ids = new CommandIds(new Uint8Array(32));
  const seen = new Set<string>();
  for (let key = 0; key < 100_000; key++) seen.add(idOf(ids, `${key}`));
  assert.equal(seen.size, 100_000);
});

test('keys have 1 to 128 visible ASCII characters', () => {
  const ids = new CommandIds(new Uint8Array(32));
  assert.equal(idOf(ids, '~'.repeat(128)).length, 32);
  for (const key of ['', 'x'.repeat(129), 'a b', 'ä', 'a\0', '\x7f', '\ud800']) {
    assert.throws(() => idOf(ids, key), { id: 'engine-idempotency-key-invalid' });
  }
});

test('random ids do not repeat', () => {
  const ids = new CommandIds(new Uint8Array(32));
  const seen = new Set<string>();
  for (let count = 0; count < 2_000; count++) {
    const id = new Uint8Array(16);
    ids.random(id);
    seen.add(Buffer.from(id).toString('hex'));
  }
  assert.equal(seen.size, 2_000);
});
