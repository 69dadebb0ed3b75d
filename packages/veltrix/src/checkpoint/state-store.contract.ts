import assert from 'node:assert/strict';
import { afterEach, beforeEach, suite, test } from 'node:test';
import type { CodedError } from '../coded-error.ts';
import type { CheckpointHeader, StateStore } from './state-store.ts';

/** One place to keep the checkpoints of a partition, and power over what happens to it. */
export interface StateStoreHarness {
  /** `fullEvery` is 4. */
  open(): StateStore | Promise<StateStore>;
  /** Lets things happen until the condition holds. */
  until(condition: () => boolean): Promise<void>;
  /** Damages the newest checkpoint kept; `which` 1 the one before it, and so on. */
  damage(which: number): void | Promise<void>;
  /** From now on, until something is opened again, a commit fails. */
  fillDisk(): void;
  dispose(): void | Promise<void>;
}

const layout = 'layout-1';
const logId = '0123456789abcdef0123456789abcdef';

/** Pages by `table/page`, with the byte that fills each. */
export type State = ReadonlyMap<string, number>;

function headerAt(eventOffset: number, state: State): CheckpointHeader {
  const rows = (table: number) =>
    [...state.keys()].filter((key) => key.startsWith(`${table}/`)).length;
  const tables = [0, 1].map((table) => ({
    name: `table-${table}`,
    rowBytes: 8,
    rows: rows(table),
  }));
  return { logId, partition: 3, eventOffset, layout, tables };
}

const pageBytes = 1000;

export function begin(store: StateStore, eventOffset: number, state: State, changed: State) {
  const full = store.next() === 'full';
  const writer = store.begin(headerAt(eventOffset, state));
  const scratch = new Uint8Array(pageBytes);
  for (const [key, fill] of full ? state : changed) {
    const [table, page] = key.split('/').map(Number) as [number, number];
    writer.page({ table, page, bytes: scratch.fill(fill) });
  }
  scratch.fill(0);
  return writer;
}

/** What `load` gives, as the event offset and the pages; undefined when there is nothing. */
export function loaded(
  store: StateStore,
  onDamage: (file: string, reason: string) => void = (file, reason) =>
    assert.fail(`${file} ${reason}`),
): { eventOffset: number; state: State } | undefined {
  const checkpoint = store.load(layout, onDamage);
  if (!checkpoint) return undefined;
  const state = new Map<string, number>();
  checkpoint.pages(({ table, page, bytes }) => {
    assert.equal(bytes.length, pageBytes);
    assert.ok(!state.has(`${table}/${page}`), 'each page once');
    assert.ok(bytes.every((byte) => byte === bytes[0]));
    state.set(`${table}/${page}`, bytes[0]!);
  });
  const sorted = new Map([...state].sort(([one], [other]) => (one < other ? -1 : 1)));
  assert.deepEqual(checkpoint.header, headerAt(checkpoint.header.eventOffset, state));
  return { eventOffset: checkpoint.header.eventOffset, state: sorted };
}

/** State number `n` of a history in which every state changes page 0/0 and one other. */
export function stateAt(number: number): { state: State; changed: State } {
  const state = new Map<string, number>();
  for (const key of ['0/0', '0/1', '0/2', '1/0', '1/1']) state.set(key, 1);
  const changed = new Map<string, number>();
  for (let step = 1; step <= number; step++) {
    changed.clear();
    changed.set('0/0', step);
    changed.set(`${step % 2}/${1 + (step % 2 ? 0 : step % 4 === 0 ? 1 : 0)}`, step);
    for (const [key, fill] of changed) state.set(key, fill);
  }
  return { state: new Map([...state].sort(([one], [other]) => (one < other ? -1 : 1))), changed };
}

async function commit(harness: StateStoreHarness, store: StateStore, number: number) {
  const { state, changed } = stateAt(number);
  let committed = false;
  begin(store, number * 10, state, changed).commit((error) => {
    assert.ifError(error);
    committed = true;
  });
  await harness.until(() => committed);
}

const at = (number: number) => ({ eventOffset: number * 10, state: stateAt(number).state });

export function testStateStoreContract(
  name: string,
  newHarness: () => StateStoreHarness | Promise<StateStoreHarness>,
): void {
  suite(`state store contract: ${name}`, () => {
    let harness: StateStoreHarness;
    beforeEach(async () => {
      harness = await newHarness();
    });
    afterEach(() => harness.dispose());
    for (const [title, body] of Object.entries(contract)) test(title, () => body(harness));
  });
}

const contract: Record<string, (harness: StateStoreHarness) => void | Promise<void>> = {
  'a new store is empty and wants a full checkpoint': async (harness) => {
    const store = await harness.open();
    assert.equal(loaded(store), undefined);
    assert.equal(store.next(), 'full');
    assert.equal(store.oldestEventOffset(), 0);
  },

  'increments are merged over the full one, across reopening': async (harness) => {
    let store = await harness.open();
    for (let number = 1; number <= 3; number++) {
      assert.equal(store.next(), number === 1 ? 'full' : 'increment');
      await commit(harness, store, number);
      store.close();
      store = await harness.open();
      assert.deepEqual(loaded(store), at(number));
    }
  },

  'a store that did not load starts anew with a full one': async (harness) => {
    await commit(harness, await harness.open(), 1);
    assert.equal((await harness.open()).next(), 'full');
  },

  'a full one comes once fullEvery is reached, and two generations are kept': async (harness) => {
    const store = await harness.open();
    const kinds: string[] = [];
    const oldest: number[] = [];
    for (let number = 1; number <= 9; number++) {
      kinds.push(store.next());
      await commit(harness, store, number);
      oldest.push(store.oldestEventOffset());
    }
    assert.equal(kinds.filter((kind) => kind === 'full').length >= 3, true, kinds.join());
    assert.ok(!kinds.join().includes('increment,increment,increment,increment'), kinds.join());
    const fulls = kinds.flatMap((kind, index) => (kind === 'full' ? [(index + 1) * 10] : []));
    for (const [index, offset] of oldest.entries()) {
      const before = fulls.filter((full) => full <= (index + 1) * 10);
      assert.equal(offset, before.length < 2 ? 0 : before.at(-2));
    }
  },

  'a checkpoint that was not committed does not exist': async (harness) => {
    const store = await harness.open();
    await commit(harness, store, 1);
    const { state, changed } = stateAt(2);
    begin(store, 20, state, changed).abort();
    assert.deepEqual(loaded(await harness.open()), at(1));
    assert.equal(store.next(), 'increment');
    await commit(harness, store, 3);
  },

  'another layout is passed over without a word of damage': async (harness) => {
    await commit(harness, await harness.open(), 1);
    const store = await harness.open();
    assert.equal(
      store.load('layout-2', () => assert.fail('nothing is damaged')),
      undefined,
    );
    assert.equal(store.next(), 'full');
  },

  'damage to the newest is reported and the one before it is used; then a full one is wanted':
    async (harness) => {
      const store = await harness.open();
      for (let number = 1; number <= 3; number++) await commit(harness, store, number);
      await harness.damage(0);
      const again = await harness.open();
      const reports: string[] = [];
      assert.deepEqual(
        loaded(again, (file) => reports.push(file)),
        at(2),
      );
      assert.equal(reports.length, 1);
      assert.equal(again.next(), 'full');
      await commit(harness, again, 4);
      assert.deepEqual(loaded(await harness.open()), at(4));
    },

  'a checkpoint whose chain is broken is never used': async (harness) => {
    const store = await harness.open();
    for (let number = 1; number <= 3; number++) await commit(harness, store, number);
    await harness.damage(1);
    assert.deepEqual(
      loaded(await harness.open(), () => {}),
      at(1),
    );
    await harness.damage(2);
    assert.equal(
      loaded(await harness.open(), () => {}),
      undefined,
    );
  },

  'the older generation serves when the newer one is damaged at its root': async (harness) => {
    const store = await harness.open();
    let number = 0;
    while (store.next() === 'increment' || number < 2) await commit(harness, store, ++number);
    await commit(harness, store, ++number);
    await harness.damage(0);
    const again = await harness.open();
    assert.deepEqual(
      loaded(again, () => {}),
      at(number - 1),
    );
    assert.equal(again.oldestEventOffset(), 0, 'one generation is left');
    await commit(harness, again, ++number);
    assert.ok(again.oldestEventOffset() > 0);
  },

  'a full disk fails the commit, and what was there stays': async (harness) => {
    const store = await harness.open();
    await commit(harness, store, 1);
    harness.fillDisk();
    const { state, changed } = stateAt(2);
    let failure: Error | undefined;
    begin(store, 20, state, changed).commit((error) => {
      failure = error;
    });
    await harness.until(() => failure !== undefined);
    assert.equal((failure as CodedError).id, 'veltrix-checkpoint-io-failed');
    assert.deepEqual(loaded(await harness.open()), at(1));
  },
};
