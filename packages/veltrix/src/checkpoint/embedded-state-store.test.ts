import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { NodeDisk } from '../storage/node-disk.ts';
import { SteppedWorld } from '../storage/stepped-world.ts';
import { openEmbeddedStateStore } from './embedded-state-store.ts';
import {
  begin,
  loaded,
  type StateStoreHarness,
  stateAt,
  testStateStoreContract,
} from './state-store.contract.ts';
import type { StateStore } from './state-store.ts';

const fullEvery = 4;

function nodeHarness(): StateStoreHarness {
  const directory = mkdtempSync(join(tmpdir(), 'state-store-'));
  let full = false;
  class FullableDisk extends NodeDisk {
    override open(path: string, options: { readonly create?: boolean } = {}) {
      const file = super.open(path, options);
      const writeSlowly = file.writeSlowly.bind(file);
      file.writeSlowly = (position, bytes, done) => {
        if (!full) return writeSlowly(position, bytes, done);
        const error = new Error('ENOSPC: write');
        setImmediate(done, Object.assign(error, { code: 'ENOSPC', syscall: 'write' }));
      };
      return file;
    }
  }
  const disk = new FullableDisk();
  return {
    open: () => openEmbeddedStateStore({ disk, directory, fullEvery }),
    until: async (condition) => {
      while (!condition()) await new Promise((resolve) => setImmediate(resolve));
    },
    damage(which) {
      const path = join(
        directory,
        readdirSync(directory)
          .sort()
          .at(-1 - which)!,
      );
      const bytes = readFileSync(path);
      bytes[bytes.length >> 1]! ^= 4;
      writeFileSync(path, bytes);
    },
    fillDisk: () => {
      full = true;
    },
    dispose: () => rmSync(directory, { recursive: true }),
  };
}

const directory = '/state/p-3';

function simulatedHarness(): StateStoreHarness {
  const world = new SteppedWorld(1);
  world.disk.makeDirectory('/');
  return {
    open: () => openEmbeddedStateStore({ disk: world.disk, directory, fullEvery }),
    until: async (condition) => world.until(condition),
    damage: (which) => {
      const path = `${directory}/${world.disk.list(directory).at(-1 - which)}`;
      world.disk.flipBit(path, world.disk.open(path).size() >> 1);
    },
    fillDisk: () => {
      world.disk.fullAfterBytes = 100;
    },
    dispose: () => {},
  };
}

testStateStoreContract('embedded on the real disk', nodeHarness);
testStateStoreContract('embedded on the simulated disk', simulatedHarness);

class PowerCut extends Error {}

/*
 * Aim: whenever the power fails, the last committed checkpoint loads, or the one being committed, and
 * nothing is reported as damaged.
 * Method: the same short history again and again, cut at its first, second, ... I/O step, until one
 * run comes to its end uncut.
 */
test('a power cut at any I/O step costs no checkpoint that was committed', () => {
  for (let seed = 1; seed <= 5; seed++) {
    for (let cutAt = 0, finished = false; !finished; cutAt++) finished = !runUntilCut(seed, cutAt);
  }
});

/** Commits states 1 to 10 with a restart after 6; returns whether the power was cut before the end. */
function runUntilCut(seed: number, cutAt: number): boolean {
  const world = new SteppedWorld(seed * 1000 + cutAt);
  const open = () => openEmbeddedStateStore({ disk: world.disk, directory, fullEvery: 3 });
  let committed = 0;
  let number = 0;
  let oldest = 0;
  let left = cutAt;
  world.disk.beforeOperation = () => {
    if (left-- === 0) throw new PowerCut();
  };
  const commit = (store: StateStore) => {
    number += 1;
    const { state, changed } = stateAt(number);
    begin(store, number * 10, state, changed).commit((error) => {
      assert.ifError(error);
      committed = number;
    });
    world.until(() => committed === number);
    oldest = store.oldestEventOffset();
  };
  let cut = false;
  try {
    let store = open();
    while (number < 6) commit(store);
    store = open();
    loaded(store);
    while (number < 10) commit(store);
  } catch (error) {
    if (!(error instanceof PowerCut)) throw error;
    cut = true;
  }
  world.disk.beforeOperation = undefined;
  world.crash();
  const after = open();
  const found = loaded(after);
  const message = `seed ${seed}, cut at step ${cutAt}`;
  if (found || committed > 0) {
    assert.ok(found, message);
    const foundNumber = found.eventOffset / 10;
    assert.ok(foundNumber === committed || foundNumber === number, message);
    assert.deepEqual(found.state, stateAt(foundNumber).state, message);
    assert.ok(after.oldestEventOffset() >= oldest || after.oldestEventOffset() === 0, message);
  }
  return cut;
}

test('a checkpoint of another log or partition is passed over', () => {
  const world = new SteppedWorld(1);
  const open = (partition: number, logId = '0123456789abcdef0123456789abcdef') => {
    return openEmbeddedStateStore({
      disk: world.disk,
      directory,
      fullEvery,
      owner: { logId, partition },
    });
  };
  const { state, changed } = stateAt(1);
  let committed = false;
  begin(open(3), 10, state, changed).commit(() => {
    committed = true;
  });
  world.until(() => committed);
  assert.ok(loaded(open(3)));
  const reasons: string[] = [];
  assert.equal(
    loaded(open(4), (_file, reason) => reasons.push(reason)),
    undefined,
  );
  assert.equal(
    loaded(open(3, 'f'.repeat(32)), (_file, reason) => reasons.push(reason)),
    undefined,
  );
  assert.equal(reasons.length, 2);
});

test('every flipped bit of a checkpoint is noticed', () => {
  const world = new SteppedWorld(1);
  const store = openEmbeddedStateStore({ disk: world.disk, directory, fullEvery });
  const { state, changed } = stateAt(1);
  let committed = false;
  begin(store, 10, state, changed).commit(() => {
    committed = true;
  });
  world.until(() => committed);
  const path = `${directory}/${world.disk.list(directory)[0]}`;
  const size = world.disk.open(path).size();
  for (let position = 0; position < size; position += position < 400 ? 1 : 37) {
    world.disk.flipBit(path, position, position % 8);
    let noticed = false;
    const found = loaded(openEmbeddedStateStore({ disk: world.disk, directory, fullEvery }), () => {
      noticed = true;
    });
    // Padding and reserved fields are covered by no checksum and change nothing.
    if (!noticed) assert.deepEqual(found?.state, state, `byte ${position}`);
    world.disk.flipBit(path, position, position % 8);
  }
});

test('a checkpoint of many chunks is what it was given, though their memory is used again', () => {
  const world = new SteppedWorld(5);
  world.disk.makeDirectory('/');
  const store = openEmbeddedStateStore({ disk: world.disk, directory, fullEvery });
  const pageBytes = 16_384;
  const pages = 400;
  const rows = (pages * pageBytes) / 64;
  const tables = [{ name: 'large', rowBytes: 64, rows }];
  const header = { logId: 'ab'.repeat(16), partition: 3, eventOffset: 9, layout: 'l', tables };
  const writer = store.begin(header);
  const fill = (page: number) => new Uint8Array(pageBytes).fill((page % 251) + 1);
  let committed = false;
  for (let page = 0; page < pages; page++) {
    writer.page({ table: 0, page, bytes: fill(page) });
    // The disk is slow: several chunks are on their way before it gets round to one.
    if (page % 150 === 0) world.step();
  }
  writer.commit((error) => {
    assert.equal(error, undefined);
    committed = true;
  });
  world.until(() => committed);
  const found: number[] = [];
  store.load('l', assert.fail)!.pages(({ page, bytes }) => {
    assert.deepEqual(bytes, fill(page));
    found.push(page);
  });
  assert.equal(found.length, pages);
});
