/* Updates of two partitions, and a Redis that answers when the test says so. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { engineErrors } from '../../errors.ts';
import { NaiveStandings } from '../testing/naive-standings.ts';
import { writtenDecisions } from '../testing/written-decisions.ts';
import { BatchResolver } from './batch-resolver.ts';
import { idBytes, teamStateBytes } from './order-lua.ts';
import { PartitionUpdates } from './partition-updates.ts';
import type { SavedProgress, StandingsStore } from './standings-store.ts';
import type { UpdateHost } from './update-host.ts';
import { UpdateRoom } from './update-room.ts';

/** Empty at first: no hunt, no team. What it is asked is in `asked`, until `answer` is called with its place there. */
class HeldStore {
  readonly asked: { readonly what: string; readonly answer: () => void }[] = [];
  /** Of the last update, by partition: what is asked later is answered later. */
  readonly #offsets = new Map<number, number>();
  lineage = 'first';
  #next: number | undefined;

  /** All is gone. */
  empty(): void {
    this.#offsets.clear();
    this.#next = undefined;
    this.lineage += ' again';
  }

  readonly #calls = {
    generation: 1,
    progress: async () => ({ lineage: this.lineage, next: this.#next, hunts: new Map() }),
    offset: async () => 0,
    saveProgress: async (_partition: number, { lineage, next }: SavedProgress) => {
      const isKnown = lineage === this.lineage;
      if (isKnown) this.#next = next;
      return isKnown;
    },
    states: (_hunt: string, partition: number, ids: Buffer) =>
      this.#held(`read ${partition}`, {
        ...{ offset: this.#offsets.get(partition) ?? 0, rule: 'l', base: undefined },
        states: Buffer.alloc((ids.length / idBytes) * teamStateBytes, 0xff),
      }),
    apply: ({ partition, to }: { readonly partition: number; readonly to: number }) => {
      this.#offsets.set(partition, to);
      return this.#held(`update ${partition}`, {
        ...{ outcome: 'done', offset: to, version: 1, rule: 'l', base: undefined },
      });
    },
  };

  get store(): StandingsStore {
    return this.#calls as unknown as StandingsStore;
  }

  #held<Answer>(what: string, answer: Answer): Promise<Answer> {
    return new Promise((resolve) => {
      this.asked.push({ what, answer: () => resolve(answer) });
    });
  }
}

/** How each place of the room was given back, in order. */
function measuredRoom(most: number) {
  const room = new UpdateRoom({ clock: { after: () => () => {} }, most: () => most });
  const ends: string[] = [];
  const enter: UpdateHost['room'] = (again) => {
    const passage = room.enter(again);
    if (passage === undefined) return undefined;
    const ending = (name: 'answered' | 'failed' | 'abandoned') => () => {
      ends.push(name);
      passage[name]();
    };
    return {
      answered: ending('answered'),
      failed: ending('failed'),
      abandoned: ending('abandoned'),
    };
  };
  return { room, ends, enter };
}

/** Nothing fails there. */
function hostOf(redis: HeldStore, room: UpdateHost['room']): UpdateHost {
  const never = (...told: unknown[]) => assert.fail(String(told));
  return {
    ...{ store: () => redis.store, room, defer: queueMicrotask },
    ...{
      failed: never,
      astray: never,
      inconsistent: never,
      stopped: never,
      rewound: never,
      refilling: never,
    },
    ...{ heardVersion: () => {}, progressed: () => {} },
  };
}

const turn = () => new Promise(setImmediate);

test('a read that an update needs has a place of the room of updates, which is given back unmeasured before the update wants one', async () => {
  const redis = new HeldStore();
  const { room, ends, enter } = measuredRoom(1);
  const host = hostOf(redis, enter);
  const partitions = [0, 1].map((partition) => new PartitionUpdates(partition, host));
  for (const partition of partitions) {
    await partition.load(redis.store);
    const hunt = String(partition.partition).padStart(16, '0');
    const events = new NaiveStandings(hunt, 'last-score').nextEvents();
    partition.apply(1, writtenDecisions([{ events }]));
  }
  const order: string[] = [];
  for (await turn(); redis.asked.length > 0; await turn()) {
    assert.deepEqual([redis.asked.length, room.inflight], [1, 1]);
    const { what, answer } = redis.asked.pop()!;
    order.push(what);
    answer();
  }
  assert.deepEqual(order, ['read 0', 'read 1', 'update 0', 'update 1']);
  assert.deepEqual(ends, ['abandoned', 'abandoned', 'answered', 'answered']);
  assert.deepEqual(
    partitions.map(({ settled }) => settled),
    [true, true],
  );
});

test('a batch that has to read first is looked through once while there is no room, whatever else comes', async (t) => {
  const redis = new HeldStore();
  const { room, enter } = measuredRoom(1);
  const place = room.enter(() => {})!;
  const updates = new PartitionUpdates(0, hostOf(redis, enter));
  await updates.load(redis.store);
  const resolve = t.mock.method(BatchResolver.prototype, 'resolve');
  const naive = new NaiveStandings('0'.repeat(16), 'last-score');
  for (let offset = 1; offset <= 20; offset++) {
    updates.apply(offset, writtenDecisions([{ events: naive.nextEvents() }]));
    await turn();
  }
  assert.equal(resolve.mock.callCount(), 1);
  place.abandoned();
  for (await turn(); redis.asked.length > 0; await turn()) redis.asked.pop()!.answer();
  assert.ok(updates.settled);
});

test('what was forgotten while a batch was read for is read before its update', async (t) => {
  const redis = new HeldStore();
  const { enter } = measuredRoom(1);
  const { read } = BatchResolver.prototype;
  let reads = 0;
  type Asked = Parameters<typeof read>;
  async function forgetting(this: BatchResolver, ...asked: Asked): Promise<boolean> {
    const reading = read.apply(this, asked);
    reads += 1;
    if (reads === 1) this.clear();
    return reading;
  }
  t.mock.method(BatchResolver.prototype, 'read', forgetting);
  const updates = new PartitionUpdates(0, hostOf(redis, enter));
  await updates.load(redis.store);
  const events = new NaiveStandings('0'.repeat(16), 'last-score').nextEvents();
  updates.apply(1, writtenDecisions([{ events }]));
  const order: string[] = [];
  for (await turn(); redis.asked.length > 0; await turn()) {
    const { what, answer } = redis.asked.pop()!;
    order.push(what);
    answer();
  }
  assert.deepEqual(order, ['read 0', 'read 0', 'update 0']);
});

/** A host of one partition that tells what it hears; `astray` has it loaded, as the views do. */
function toldHost(redis: HeldStore) {
  const told: string[] = [];
  const { enter } = measuredRoom(1);
  const host: UpdateHost = {
    ...hostOf(redis, enter),
    astray: () => {
      told.push('astray');
      void updates.load(redis.store);
    },
    inconsistent: (_updates, { error: { id }, generation, from, to }) => {
      told.push(`${id} in ${generation} from ${from} below ${to}`);
    },
    stopped: ({ message }) => told.push(message),
    rewound: (_partition, offset) => told.push(`from ${offset}`),
    refilling: (_partition, refilling) => told.push(refilling ? 'refilling' : 'whole'),
  };
  const updates: PartitionUpdates = new PartitionUpdates(0, host);
  const answerAll = async () => {
    for (await turn(); redis.asked.length > 0; await turn()) redis.asked.pop()!.answer();
  };
  return { told, updates, answerAll };
}

test('who says where a partition is to a Redis that lost it begins again, though no hunt was missed', async () => {
  const redis = new HeldStore();
  const { told, updates, answerAll } = toldHost(redis);
  await updates.load(redis.store);
  updates.apply(1, writtenDecisions([{ events: [] }]));
  await answerAll();
  redis.empty();
  updates.apply(2, writtenDecisions([{ events: [] }]));
  await answerAll();
  assert.deepEqual(told.splice(0), ['astray', 'refilling', 'from 1']);
  // What it told of itself is gone with the rest.
  redis.empty();
  await updates.load(redis.store);
  assert.deepEqual(told, ['refilling', 'from 1']);
});

test('a partition that does not go with the log takes nothing in until it is begun again, from where it was shown', async (t) => {
  const redis = new HeldStore();
  const { told, updates, answerAll } = toldHost(redis);
  await updates.load(redis.store);
  updates.apply(1, writtenDecisions([{ events: [] }]));
  await answerAll();
  const resolve = t.mock.method(
    BatchResolver.prototype,
    'resolve',
    () => {
      throw engineErrors.create('engine-views-inconsistent', { partition: 0, offset: 2 });
    },
    { times: 1 },
  );
  const naive = new NaiveStandings('0'.repeat(16), 'last-score');
  const records = [2, 3].map(() => writtenDecisions([{ events: naive.nextEvents() }]));
  updates.apply(2, records[0]!);
  await turn();
  updates.apply(3, records[1]!);
  await updates.load(redis.store);
  await turn();
  assert.deepEqual([resolve.mock.callCount(), updates.bytes, updates.settled], [1, 0, false]);
  assert.deepEqual(told, ['refilling', 'engine-views-inconsistent in 1 from 2 below 3']);
  updates.beginAgain(redis.store);
  await turn();
  for (const [index, record] of records.entries()) updates.apply(index + 2, record);
  await answerAll();
  assert.deepEqual(told.slice(2), ['from 2', 'whole']);
  assert.ok(updates.settled);
});

test('a fault of the program that says nothing of Redis stops the views, and has nothing begun again', async (t) => {
  const redis = new HeldStore();
  const { told, updates } = toldHost(redis);
  await updates.load(redis.store);
  t.mock.method(BatchResolver.prototype, 'resolve', () => {
    throw new TypeError('a fault of the program');
  });
  const events = new NaiveStandings('0'.repeat(16), 'last-score').nextEvents();
  updates.apply(1, writtenDecisions([{ events }]));
  await turn();
  assert.deepEqual(told, ['a fault of the program']);
});
