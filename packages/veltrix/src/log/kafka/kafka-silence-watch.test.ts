import assert from 'node:assert/strict';
import { afterEach, beforeEach, mock, suite, test } from 'node:test';
import { KafkaSilenceWatch } from './kafka-silence-watch.ts';

beforeEach(() => mock.timers.enable({ apis: ['setTimeout'] }));
afterEach(() => mock.timers.reset());

/** Connections to brokers; `waiting` says for how long somebody has waited for an answer of each. */
function watched(waiting: Readonly<Record<string, number | undefined>>, isAlone = false) {
  const gone = new Set<string>();
  const open = new Map<{ awaitedSince: number | undefined; close(reason?: Error): void }, string>();
  const closed: string[] = [];
  let looks = 0;
  for (const [address, waitedMs] of Object.entries(waiting)) {
    const connection = {
      awaitedSince: waitedMs === undefined ? undefined : performance.now() - waitedMs,
      close: (reason?: Error) => {
        closed.push(reason?.message ?? '');
        open.delete(connection);
      },
    };
    open.set(connection, address);
  }
  const watch = new KafkaSilenceWatch({
    open,
    hasOthers: () => !isAlone,
    isGone: (address) => gone.has(address),
    refresh: async () => {
      looks += 1;
    },
  });
  const after = async (ms: number) => {
    mock.timers.tick(ms);
    for (let turn = 0; turn < 5; turn++) await Promise.resolve();
  };
  /** How many look-ups there are in each of the next seconds. */
  const looksIn = async (seconds: number) => {
    const counts: number[] = [];
    for (let second = 0; second < seconds; second++) {
      const before = looks;
      for (let tenth = 0; tenth < 10; tenth++) await after(100);
      counts.push(looks - before);
    }
    return counts;
  };
  return { watch, gone, open, closed, after, looksIn, looks: () => looks };
}

suite('brokers that are silent', () => {
  test('who is silent, and gone for the others, is not waited for', async () => {
    const { watch, gone, closed, after, looks } = watched({ 'a:1': 1_000, 'b:1': 1_000 });
    watch.start();
    await after(100);
    assert.deepEqual([closed, looks()], [[], 1], 'both are there for the others');
    gone.add('b:1');
    await after(100);
    assert.deepEqual(closed, ['b:1 is silent, and gone for other brokers']);
    watch.stop();
  });

  test('while answers come nobody looks, whatever the others say', async () => {
    const { watch, gone, closed, after, looks } = watched({ 'a:1': 1, 'b:1': undefined });
    gone.add('a:1').add('b:1');
    watch.start();
    await after(100);
    await after(100);
    assert.deepEqual([closed, looks()], [[], 0]);
    watch.stop();
  });

  test('looking that brings nothing becomes rare, until it brings something', async () => {
    const { watch, gone, open, closed, looksIn } = watched({ 'a:1': 1_000, 'b:1': 1_000 });
    watch.start();
    assert.deepEqual(await looksIn(7), [10, 5, 2, 2, 1, 1, 1]);
    gone.add('b:1');
    const [first, second] = await looksIn(2);
    assert.equal(closed.length, 1);
    assert.ok(first! + second! >= 10, `${first}, ${second}`);
    // After as long a time without silence it is as before.
    await looksIn(3);
    const [connection] = open.keys();
    connection!.awaitedSince = undefined;
    assert.deepEqual(await looksIn(4), [0, 0, 0, 0]);
    connection!.awaitedSince = performance.now() - 1_000;
    assert.deepEqual(await looksIn(1), [10]);
    watch.stop();
  });

  test('about a broker that is alone nobody else is asked', async () => {
    const { watch, looksIn } = watched({ 'a:1': 1_000 }, true);
    watch.start();
    assert.deepEqual(await looksIn(2), [0, 0]);
    watch.stop();
  });

  test('a broker is silent that is so on one of its connections', () => {
    const { watch, open } = watched({ 'a:1': 1_000, 'b:1': 1, 'c:1': undefined });
    open.set({ awaitedSince: undefined, close: () => {} }, 'a:1');
    const isSilent = ['a:1', 'b:1', 'c:1', 'd:1'].map((address) => watch.isSilent(address));
    assert.deepEqual(isSilent, [true, false, false, false]);
  });

  test('without connections nothing is looked at until there is one', async () => {
    const { watch, open, after, looks } = watched({ 'a:1': 1_000 });
    const [connection] = open.keys();
    watch.start();
    open.clear();
    await after(100);
    open.set(connection!, 'a:1');
    await after(1_000);
    assert.equal(looks(), 0);
    watch.start();
    watch.start();
    await after(100);
    assert.equal(looks(), 1);
    watch.stop();
    await after(1_000);
    assert.equal(looks(), 1);
  });
});
