import assert from 'node:assert/strict';
import { it } from 'node:test';
import { RecentMap } from './recent-map.ts';

it('a recent map keeps what is used and never more than its limit', () => {
  const map = new RecentMap<number>(10);
  map.set('used', 1);
  for (let index = 0; index < 1000; index++) {
    map.set(`key ${index}`, index);
    assert.equal(map.get('used'), 1);
    assert.equal(map.get(`key ${index}`), index);
    assert.ok(map.size <= 10);
  }
  assert.equal(map.get('key 0'), undefined);
  map.clear();
  assert.equal(map.get('used'), undefined);
});
