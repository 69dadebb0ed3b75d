import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { ServedShare } from './served-share.ts';

const admitted = (share: ServedShare, count: number) =>
  Array.from({ length: count }, () => share.admits()).filter(Boolean).length;

suite('a served share', () => {
  test('without pressure all is done', () => {
    const share = new ServedShare();
    for (let window = 0; window < 5; window++) share.window(0.4);
    assert.equal(share.share, 1);
    assert.equal(admitted(share, 1_000), 1_000);
  });

  test('falls by a seventh of itself with each window of pressure, to a half at least', () => {
    const share = new ServedShare();
    share.window(1);
    assert.equal(share.share, 0.85);
    assert.equal(admitted(share, 1_000), 850);
    for (let window = 0; window < 50; window++) share.window(3);
    assert.equal(share.share, 0.5);
    assert.equal(admitted(share, 1_000), 500);
  });

  test('stays between pressure and calm, and grows back to all within five calm windows', () => {
    const share = new ServedShare();
    for (let window = 0; window < 50; window++) share.window(1);
    for (let window = 0; window < 50; window++) share.window(0.7);
    assert.equal(share.share, 0.5);
    for (let window = 0; window < 5; window++) share.window(0);
    assert.equal(share.share, 1);
  });

  test('is spread evenly: of twenty in a row as many are done as of any other twenty', () => {
    const share = new ServedShare();
    share.window(1);
    for (let twenty = 0; twenty < 20; twenty++) assert.equal(admitted(share, 20), 17);
  });

  test('settles where a load of which three quarters fit meets its limit', () => {
    const share = new ServedShare();
    const shares: number[] = [];
    for (let window = 0; window < 200; window++) {
      share.window(share.share > 0.75 ? 2 : 0.4);
      shares.push(share.share);
    }
    const settled = shares.slice(20);
    const mean = settled.reduce((sum, one) => sum + one, 0) / settled.length;
    assert.ok(mean > 0.65 && mean < 0.8, `${mean}`);
    assert.ok(Math.min(...settled) > 0.6 && Math.max(...settled) <= 0.86);
  });
});
