import assert from 'node:assert/strict';
import { once } from 'node:events';
import { test } from 'node:test';
import { Worker } from 'node:worker_threads';
import { RecordClaims } from './record-claims.ts';
import type { BeginningThreadData } from './testing/beginning-thread.ts';
import { InStep } from './testing/in-step.ts';

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

test('of two threads that want a record at the same moment one gets it', async (t) => {
  const claims = new RecordClaims();
  const steps = new InStep(0);
  const tickets = Array.from({ length: 20_000 }, () => claims.offer());
  const workerData: BeginningThreadData = { claims: claims.memory, steps: steps.memory, tickets };
  const worker = new Worker(new URL('./testing/beginning-thread.ts', import.meta.url), {
    workerData,
  });
  t.after(() => worker.terminate());
  await once(worker, 'message');
  const answer = once(worker, 'message');
  const withdrawn: number[] = [];
  for (const [index, ticket] of tickets.entries()) {
    steps.take(index + 1);
    if (claims.withdraw(ticket)) withdrawn.push(ticket);
  }
  const [begun] = (await answer) as [number[]];
  const taken = new Set(begun);
  const twice = withdrawn.filter((ticket) => taken.has(ticket));
  assert.deepEqual(twice, []);
  assert.equal(begun.length + withdrawn.length, tickets.length);
  assert.ok(begun.length > 0 && withdrawn.length > 0, 'each is the first at times');
});
