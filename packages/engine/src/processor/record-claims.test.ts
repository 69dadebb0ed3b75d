import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Worker } from 'node:worker_threads';
import { RecordClaims } from './record-claims.ts';

test('a record is begun or withdrawn, whichever comes first', () => {
  const claims = new RecordClaims();
  const thread = new RecordClaims(claims.memory);
  const [one, other] = [claims.offer(), claims.offer()];
  assert.equal(thread.begin(one), true);
  assert.equal(claims.withdraw(one), false);
  assert.equal(claims.withdraw(other), true);
  assert.equal(claims.withdraw(other), false);
  assert.equal(thread.begin(other), false);
});

test('places are used again, and a ticket says nothing of the record that has its place now', () => {
  const claims = new RecordClaims();
  const tickets: number[] = [];
  for (let ticket = claims.offer(); ticket > 0; ticket = claims.offer()) tickets.push(ticket);
  assert.equal(tickets.length, 1 << 16);
  const [oldest] = tickets as [number];
  assert.equal(claims.withdraw(0), false);
  assert.equal(claims.begin(0), true, 'what has no ticket is begun');
  assert.equal(claims.begin(oldest), true);
  const next = claims.offer();
  assert.notEqual(next, oldest);
  assert.equal(claims.withdraw(oldest), false);
  assert.equal(claims.begin(next), true);
});

test('what was withdrawn is in the memory of the thread until that passes it: no more than 64 at once', () => {
  const claims = new RecordClaims();
  const thread = new RecordClaims(claims.memory);
  const tickets = Array.from({ length: 100 }, () => claims.offer());
  const withdrawn = tickets.filter((ticket) => claims.withdraw(ticket));
  assert.deepEqual(withdrawn, tickets.slice(0, 64));
  for (const ticket of tickets.slice(0, 10)) assert.equal(thread.begin(ticket), false);
  assert.deepEqual(
    tickets.slice(64).filter((ticket) => claims.withdraw(ticket)),
    tickets.slice(64, 74),
  );
  assert.equal(thread.begin(tickets[74]!), true);
});

test('of two threads that want a record at the same time one gets it', async () => {
  const claims = new RecordClaims();
  const count = 40_000;
  const tickets = Array.from({ length: count }, () => claims.offer());
  const source = `
    import { parentPort, workerData } from 'node:worker_threads';
    import { RecordClaims } from '${new URL('./record-claims.ts', import.meta.url)}';
    const claims = new RecordClaims(workerData.memory);
    const gate = new Int32Array(workerData.gate);
    Atomics.add(gate, 0, 1);
    while (Atomics.load(gate, 0) < 2);
    parentPort.postMessage(workerData.tickets.filter((ticket) => claims.begin(ticket)));`;
  const gate = new SharedArrayBuffer(4);
  const worker = new Worker(new URL(`data:text/javascript,${encodeURIComponent(source)}`), {
    workerData: { memory: claims.memory, gate, tickets },
  });
  const begun = new Promise<number[]>((resolve, reject) => {
    worker.once('message', resolve).once('error', reject);
  });
  const ready = new Int32Array(gate);
  while (Atomics.load(ready, 0) < 1) await new Promise((resolve) => setImmediate(resolve));
  Atomics.add(ready, 0, 1);
  // From the end, so that they meet.
  const withdrawn = tickets.toReversed().filter((ticket) => claims.withdraw(ticket));
  const both = new Set([...(await begun), ...withdrawn]);
  assert.equal(both.size, count);
  assert.equal((await begun).length + withdrawn.length, count);
});
