import assert from 'node:assert/strict';
import { test } from 'node:test';
import { JoinKeys } from './join-keys.ts';

const hunt = '00000000000000a1';
const secret = new Uint8Array(32).fill(1);

/** All ids as texts. */
function idsOf(key: string, huntId = hunt, own = secret): readonly string[] {
  const { playerId, teamId, commandId } = new JoinKeys(own).idsOf(huntId, key);
  return [playerId, teamId, Buffer.from(commandId).toString('hex')];
}

test('the same key, hunt and secret give the same ids, after a restart, too', () => {
  const ids = idsOf('my-key');
  assert.match(ids.join(' '), /^[0-9a-f]{16} [0-9a-f]{16} [0-9a-f]{32}$/);
  assert.deepEqual(idsOf('my-key'), ids);
});

test('another key, hunt or secret gives others, none of them twice', () => {
  const all = [
    idsOf('my-key'),
    idsOf('my-keY'),
    idsOf('my-key', '00000000000000a2'),
    idsOf('my-key', hunt, new Uint8Array(32).fill(2)),
  ].flat();
  assert.equal(new Set(all).size, all.length);
});

test('a key has 1 to 128 visible ASCII characters', () => {
  assert.equal(idsOf('~'.repeat(128)).length, 3);
  for (const wrong of ['', ' ', 'a b', 'a\n', 'ä', '\u007f', 'x'.repeat(129)]) {
    assert.throws(() => idsOf(wrong), { id: 'engine-idempotency-key-invalid' }, wrong);
  }
});
