import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { EventQueue } from '../simulator/event-queue.ts';
import { Bulkhead, type Passage } from './bulkhead.ts';

function bulkheadAt(most: number, waitingMax: number) {
  const queue = new EventQueue();
  const settings = { least: 1, most, first: most, waitingMax };
  const bulkhead = new Bulkhead({
    clock: { after: (ms, task) => queue.schedule(ms, task) },
    now: () => queue.now,
    settings: () => settings,
  });
  const advance = (ms: number) => {
    const end = queue.now + ms;
    while ((queue.nextAt ?? Number.POSITIVE_INFINITY) <= end) queue.step();
  };
  return { bulkhead, advance };
}

suite('a bulkhead', () => {
  test('lets in as many as its limit, the next in their order, and turns away the rest', async () => {
    const { bulkhead } = bulkheadAt(2, 2);
    const passages = await Promise.all([bulkhead.enter(100), bulkhead.enter(100)]);
    const order: string[] = [];
    const waiting = ['first', 'second'].map(async (name) => {
      const passage = await bulkhead.enter(100);
      order.push(name);
      return passage;
    });
    assert.equal(await bulkhead.enter(100), undefined);
    assert.deepEqual(bulkhead.counts, { entered: 2, refused: 1 });
    assert.equal(bulkhead.waiting, 2);
    for (const passage of passages) passage!.answered();
    for (const passage of await Promise.all(waiting)) passage!.answered();
    assert.deepEqual(order, ['first', 'second']);
    assert.equal(bulkhead.inflight, 0);
  });

  test('whoever waits in vain is told so in time, and is not let in later', async () => {
    const { bulkhead, advance } = bulkheadAt(1, 5);
    const held = (await bulkhead.enter(0)) as Passage;
    const waiting = bulkhead.enter(50);
    advance(50);
    assert.equal(await waiting, undefined);
    held.answered();
    assert.equal(bulkhead.inflight, 0);
    assert.equal(bulkhead.waiting, 0);
  });

  test('a call ends once, whatever is said of it', async () => {
    const { bulkhead } = bulkheadAt(2, 0);
    const [one, other] = [await bulkhead.enter(0), await bulkhead.enter(0)];
    for (let time = 0; time < 5; time++) one!.failed();
    assert.equal(bulkhead.inflight, 1);
    other!.answered();
    assert.equal(bulkhead.inflight, 0);
  });

  test('callers who give up take no room from the others', async () => {
    const { bulkhead } = bulkheadAt(8, 0);
    for (let time = 0; time < 100; time++) (await bulkhead.enter(0))!.abandoned();
    assert.deepEqual([bulkhead.limit, bulkhead.inflight], [8, 0]);
  });

  test('of what hangs, fewer and fewer calls are made', async () => {
    const { bulkhead } = bulkheadAt(64, 0);
    for (let round = 0; round < 60; round++) {
      const passages = await Promise.all(Array.from({ length: 64 }, () => bulkhead.enter(0)));
      for (const passage of passages) passage?.failed();
    }
    assert.equal(bulkhead.limit, 1);
    assert.equal(bulkhead.inflight, 0);
    assert.notEqual(await bulkhead.enter(0), undefined);
  });
});
