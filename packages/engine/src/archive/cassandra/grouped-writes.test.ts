import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import type { Statement } from './cassandra-session.ts';
import { writeGroups } from './grouped-writes.ts';
import { InflightGate } from './inflight-gate.ts';

const group: readonly Statement[] = [{ query: 'INSERT', params: [], bytes: 1 }];
const settled = () => new Promise((resolve) => setImmediate(resolve));

/** A gate for two requests and one that waits, and a sender whose requests wait to be answered. */
function newWrites() {
  const gate = new InflightGate(() => ({ maxRequests: 2, maxBytes: 1_000, maxWaiting: 1 }));
  const sent: PromiseWithResolvers<void>[] = [];
  const send = () => {
    const answer = Promise.withResolvers<void>();
    sent.push(answer);
    return answer.promise;
  };
  return { gate, sent, send };
}

/** What became of it so far. */
function watched(promise: Promise<unknown>) {
  const state: { ended: boolean; error?: unknown } = { ended: false };
  void promise.then(
    () => Object.assign(state, { ended: true }),
    (error) => Object.assign(state, { ended: true, error }),
  );
  return state;
}

suite('writes of an append', () => {
  test('get their turn however many questions wait', async () => {
    const { gate, sent, send } = newWrites();
    await gate.enter(1);
    await gate.enter(1);
    const question = gate.enter(1);
    await assert.rejects(gate.enter(1), { id: 'engine-archive-busy' });
    const writing = watched(writeGroups([group, group], send, gate, 'unrefused'));
    await settled();
    assert.deepEqual([writing.ended, sent.length, gate.waiting], [false, 0, 1]);
    gate.leave(1);
    gate.leave(1);
    await question;
    await settled();
    assert.equal(sent.length, 1);
    gate.leave(1);
    await settled();
    assert.equal(sent.length, 2);
    for (const { resolve } of sent) resolve();
    await settled();
    assert.deepEqual([writing.ended, writing.error, gate.requests], [true, undefined, 0]);
  });

  test('that are refused end once what was sent is answered', async () => {
    const { gate, sent, send } = newWrites();
    await gate.enter(1);
    void gate.enter(1);
    const writing = watched(
      writeGroups(
        (function* () {
          gate.leave(1);
          yield group;
          void gate.enter(1);
          yield group;
        })(),
        send,
        gate,
        'refusable',
      ),
    );
    await settled();
    assert.deepEqual([writing.ended, sent.length], [false, 1]);
    sent[0]!.resolve();
    await settled();
    assert.equal((writing.error as { id?: string }).id, 'engine-archive-busy');
  });

  test('after one that failed no more are sent, and what was sent is waited for', async () => {
    const { gate, sent, send } = newWrites();
    const writing = watched(writeGroups([group, group, group, group], send, gate, 'unrefused'));
    await settled();
    const failure = new Error('away');
    sent[0]!.reject(failure);
    await settled();
    assert.deepEqual([writing.ended, sent.length], [false, 2]);
    sent[1]!.resolve();
    await settled();
    assert.deepEqual([writing.error, sent.length, gate.requests], [failure, 2, 0]);
  });
});
