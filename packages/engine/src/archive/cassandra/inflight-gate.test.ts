import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { InflightGate } from './inflight-gate.ts';

const settled = () => new Promise((resolve) => setImmediate(resolve));

describe('InflightGate', () => {
  it('lets callers wait, in order, for a number and for bytes', async () => {
    const gate = new InflightGate(() => ({ maxRequests: 2, maxBytes: 100, maxWaiting: 10 }));
    const passed: string[] = [];
    const enter = (name: string, bytes: number) => gate.enter(bytes).then(() => passed.push(name));
    void enter('a', 60);
    void enter('b', 60);
    void enter('c', 10);
    void enter('d', 10);
    await settled();
    assert.deepEqual(passed, ['a']);
    gate.leave(60);
    await settled();
    assert.deepEqual(passed, ['a', 'b', 'c']);
    assert.equal(gate.requests, 2);
    gate.leave(60);
    await settled();
    assert.deepEqual(passed, ['a', 'b', 'c', 'd']);
  });

  it('lets something larger than the limit pass alone', async () => {
    const gate = new InflightGate(() => ({ maxRequests: 2, maxBytes: 100, maxWaiting: 10 }));
    await gate.enter(1);
    let passed = false;
    void gate.enter(1000).then(() => {
      passed = true;
    });
    await settled();
    assert.equal(passed, false);
    gate.leave(1);
    await settled();
    assert.equal(passed, true);
  });

  it('refuses more callers than may wait', async () => {
    const gate = new InflightGate(() => ({ maxRequests: 1, maxBytes: 100, maxWaiting: 1 }));
    await gate.enter(1);
    const second = gate.enter(1);
    await assert.rejects(gate.enter(1), { id: 'engine-archive-busy' });
    gate.leave(1);
    await second;
  });

  it('follows limits that change: more are let in with whoever comes, and with fewer those inside leave first', async () => {
    const limits = { maxRequests: 1, maxBytes: 100, maxWaiting: 1 };
    const gate = new InflightGate(() => limits);
    const passed: string[] = [];
    const enter = (name: string) => gate.enter(1).then(() => passed.push(name));
    void enter('a');
    void enter('b');
    limits.maxRequests = 2;
    void enter('c');
    await settled();
    assert.deepEqual([passed, gate.requests, gate.waiting], [['a', 'b'], 2, 1]);
    limits.maxRequests = 1;
    gate.leave(1);
    await settled();
    assert.deepEqual([passed, gate.requests], [['a', 'b'], 1]);
    limits.maxWaiting = 0;
    await assert.rejects(gate.enter(1), { id: 'engine-archive-busy' });
    gate.leave(1);
    await settled();
    assert.deepEqual([passed, gate.waiting], [['a', 'b', 'c'], 0]);
  });
});
