import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { testDiskContract } from './disk.contract.ts';
import { sectorBytes } from './simulated-file.ts';
import { SteppedWorld } from './stepped-world.ts';

/*
 * The simulator's truth rests on what a crash may and may not do here, so each rule is tried over many
 * seeds: what must hold holds in all of them, and what may happen happens in some.
 */
const seeds = 400;

function worldWith(seed: number): SteppedWorld {
  const world = new SteppedWorld(seed);
  world.disk.makeDirectory('/d');
  world.disk.syncDirectory('/');
  return world;
}

/** A world with a durable, empty file `/d/a`. */
function worldWithFile(seed: number) {
  const world = worldWith(seed);
  const file = world.disk.open('/d/a', { create: true });
  world.disk.syncDirectory('/d');
  return { world, disk: world.disk, file };
}

function content(world: SteppedWorld, path = '/d/a'): Uint8Array {
  const file = world.disk.open(path);
  const bytes = new Uint8Array(file.size());
  file.read(0, bytes);
  return bytes;
}

testDiskContract('simulated', () => {
  const world = worldWith(1);
  return {
    disk: world.disk,
    directory: '/d',
    until: async (condition) => world.until(condition),
    dispose: () => {},
  };
});

suite('a crash of the simulated disk', () => {
  test('keeps what was synced, also when more was written over it since', () => {
    for (let seed = 0; seed < seeds; seed++) {
      const { world, file } = worldWithFile(seed);
      file.write(0, new Uint8Array(2000).fill(1));
      file.sync();
      file.write(1000, new Uint8Array(1000).fill(2));
      world.crash();
      const bytes = content(world);
      assert.ok(bytes.subarray(0, 1000).every((byte) => byte === 1));
      assert.ok(bytes.subarray(1000).every((byte) => byte === 1 || byte === 2));
    }
  });

  test('keeps or loses unsynced writes by whole sectors: none, all, the first ones, or any', () => {
    const outcomes = new Set<string>();
    for (let seed = 0; seed < seeds; seed++) {
      const { world, file } = worldWithFile(seed);
      file.write(0, new Uint8Array(4 * sectorBytes));
      file.sync();
      file.write(0, new Uint8Array(2 * sectorBytes).fill(1));
      file.write(2 * sectorBytes, new Uint8Array(2 * sectorBytes).fill(1));
      world.crash();
      const bytes = content(world);
      let outcome = '';
      for (let sector = 0; sector < 4; sector++) {
        const part = bytes.subarray(sector * sectorBytes, (sector + 1) * sectorBytes);
        assert.ok(
          part.every((byte) => byte === part[0]),
          'a sector is never torn',
        );
        outcome += part[0];
      }
      outcomes.add(outcome);
    }
    assert.equal(outcomes.size, 16, [...outcomes].sort().join());
  });

  test('cuts writes at the sectors of the file, not of the write', () => {
    const tears = new Set<number>();
    for (let seed = 0; seed < seeds; seed++) {
      const { world, file } = worldWithFile(seed);
      file.write(0, new Uint8Array(2 * sectorBytes));
      file.sync();
      file.write(500, new Uint8Array(24).fill(1));
      world.crash();
      const bytes = content(world).subarray(500, 524);
      for (let index = 1; index < 24; index++) {
        if (bytes[index] !== bytes[index - 1]) tears.add(500 + index);
      }
    }
    assert.deepEqual([...tears], [sectorBytes]);
  });

  test('a sync covers what was written before it was called, and not what came after', () => {
    let lost = 0;
    for (let seed = 0; seed < seeds; seed++) {
      const { world, file } = worldWithFile(seed);
      file.write(0, Uint8Array.of(1));
      let synced = false;
      file.sync(() => {
        synced = true;
      });
      file.write(1, Uint8Array.of(2));
      world.until(() => synced);
      world.crash();
      const bytes = content(world);
      assert.equal(bytes[0], 1);
      if (bytes[1] !== 2) lost += 1;
    }
    assert.ok(lost > 0 && lost < seeds, `lost in ${lost} of ${seeds}`);
  });

  test('before a sync has called back, nothing is certain', () => {
    let kept = 0;
    for (let seed = 0; seed < seeds; seed++) {
      const { world, file } = worldWithFile(seed);
      file.write(0, Uint8Array.of(1));
      file.sync(() => assert.fail('called back after the crash'));
      world.disk.crash();
      while (world.step());
      kept += content(world).length;
    }
    assert.ok(kept > 0 && kept < seeds, `kept in ${kept} of ${seeds}`);
  });

  test('a truncation that was not synced may be undone', () => {
    const sizes = new Set<number>();
    for (let seed = 0; seed < seeds; seed++) {
      const { world, file } = worldWithFile(seed);
      file.write(0, new Uint8Array(100).fill(1));
      file.sync();
      file.truncate(10);
      world.crash();
      sizes.add(content(world).length);
    }
    assert.deepEqual([...sizes].sort(), [10, 100]);
  });

  test('keeps or loses each unsynced creation, rename and removal', () => {
    const outcomes = new Set<string>();
    for (let seed = 0; seed < seeds; seed++) {
      const world = worldWith(seed);
      for (const name of ['old', 'from']) world.disk.open(`/d/${name}`, { create: true });
      world.disk.syncDirectory('/d');
      world.disk.open('/d/new', { create: true });
      world.disk.rename('/d/from', '/d/to');
      world.disk.remove('/d/old');
      world.crash();
      outcomes.add(world.disk.list('/d').join());
    }
    assert.deepEqual(
      [...outcomes].sort(),
      [
        ['from', 'new'],
        ['from', 'new', 'old'],
        ['from', 'old'],
        ['from'],
        ['new', 'old', 'to'],
        ['new', 'to'],
        ['old', 'to'],
        ['to'],
      ]
        .map(String)
        .sort(),
    );
  });

  test('syncing a file does not keep its name; syncing the directory does, by either form', () => {
    let lost = 0;
    for (let seed = 0; seed < seeds; seed++) {
      const world = worldWith(seed);
      let synced = false;
      world.disk.open('/d/a', { create: true });
      world.disk.syncDirectory('/d', () => {
        synced = true;
      });
      const file = world.disk.open('/d/b', { create: true });
      file.write(0, Uint8Array.of(1));
      file.sync();
      world.until(() => synced);
      world.crash();
      assert.ok(world.disk.list('/d').includes('a'));
      if (!world.disk.list('/d').includes('b')) lost += 1;
    }
    assert.ok(lost > 0 && lost < seeds);
  });

  test('a directory that was not synced in its parent goes with all that is in it', () => {
    let lost = 0;
    for (let seed = 0; seed < seeds; seed++) {
      const world = worldWith(seed);
      world.disk.makeDirectory('/d/sub');
      world.disk.open('/d/sub/a', { create: true });
      world.disk.syncDirectory('/d/sub');
      world.crash();
      if (world.disk.list('/d').length > 0) continue;
      lost += 1;
      assert.throws(() => world.disk.open('/d/sub/a'));
    }
    assert.ok(lost > 0 && lost < seeds);
  });

  test('ends all handles and locks', () => {
    const { world, disk, file } = worldWithFile(1);
    assert.ok(disk.lock('/d/lock'));
    file.writeSlowly(0, Uint8Array.of(1), () => assert.fail('called back after the crash'));
    disk.crash();
    while (world.step());
    assert.throws(() => file.read(0, new Uint8Array(1)), /earlier life/);
    assert.throws(() => file.write(0, new Uint8Array(1)), /earlier life/);
    assert.throws(() => file.sync(() => {}), /earlier life/);
    assert.equal(content(world).length, 0);
    const lock = disk.lock('/d/lock');
    assert.ok(lock);
  });

  test('of the process alone leaves what was written, which is still not durable', () => {
    let lost = 0;
    for (let seed = 0; seed < seeds; seed++) {
      const { world, disk, file } = worldWithFile(seed);
      assert.ok(disk.lock('/d/lock'));
      file.write(0, Uint8Array.of(1));
      file.sync(() => assert.fail('called back after the kill'));
      world.kill();
      while (world.step());
      assert.throws(() => file.read(0, new Uint8Array(1)), /earlier life/);
      assert.ok(disk.lock('/d/lock'));
      assert.deepEqual(content(world), Uint8Array.of(1));
      world.crash();
      if (content(world).length === 0) lost += 1;
    }
    assert.ok(lost > 0 && lost < seeds);
  });

  test('the same seed gives the same disk', () => {
    const after = () => {
      const { world, file } = worldWithFile(7);
      for (let index = 0; index < 20; index++) {
        file.write(index * 100, new Uint8Array(300).fill(index));
      }
      world.crash();
      return content(world);
    };
    assert.deepEqual(after(), after());
  });
});

suite('faults of the simulated disk', () => {
  test('full: ENOSPC, with the whole sectors that found room', () => {
    const { world, disk, file } = worldWithFile(1);
    disk.fullAfterBytes = 1300;
    file.write(0, new Uint8Array(300).fill(1));
    assert.throws(() => file.write(300, new Uint8Array(2000).fill(2)), { code: 'ENOSPC' });
    assert.equal(content(world).length, 2 * sectorBytes);
    assert.throws(() => file.write(0, Uint8Array.of(1)), { code: 'ENOSPC' });
    let failure: Error | undefined;
    file.writeSlowly(0, Uint8Array.of(1), (error) => {
      failure = error;
    });
    world.until(() => failure !== undefined);
  });

  test('a failed sync: EIO once, and no later sync makes up for it', () => {
    let lost = 0;
    for (let seed = 0; seed < seeds; seed++) {
      const { world, disk, file } = worldWithFile(seed);
      file.write(0, Uint8Array.of(1));
      disk.failNextSync = true;
      assert.throws(() => file.sync(), { code: 'EIO' });
      file.write(1, Uint8Array.of(2));
      file.sync();
      assert.deepEqual(content(world), Uint8Array.of(1, 2), 'still shown');
      world.crash();
      assert.equal(content(world)[1], 2);
      if (content(world)[0] === 0) lost += 1;
    }
    assert.ok(lost > 0 && lost < seeds);
  });

  test('a flipped bit is there for readers and after a crash', () => {
    const { world, disk, file } = worldWithFile(1);
    file.write(0, Uint8Array.of(8));
    file.sync();
    disk.flipBit('/d/a', 0, 1);
    assert.deepEqual(content(world), Uint8Array.of(10));
    world.crash();
    assert.deepEqual(content(world), Uint8Array.of(10));
  });

  test('the hook sees every step before it happens, and what it throws stops it', () => {
    const world = worldWith(1);
    const steps: string[] = [];
    world.disk.beforeOperation = (operation, path) => {
      steps.push(`${operation} ${path}`);
      if (operation === 'rename') throw new Error('power cut');
    };
    const file = world.disk.open('/d/a', { create: true });
    file.write(0, Uint8Array.of(1));
    file.read(0, new Uint8Array(1));
    file.truncate(0);
    file.sync();
    file.writeSlowly(0, Uint8Array.of(1), () => {});
    world.disk.makeDirectory('/d/e');
    world.disk.syncDirectory('/d');
    assert.throws(() => world.disk.rename('/d/a', '/d/b'), /power cut/);
    world.disk.remove('/d/a');
    assert.deepEqual(steps, [
      'open /d/a',
      'write /d/a',
      'read /d/a',
      'truncate /d/a',
      'sync /d/a',
      'write-slowly /d/a',
      'make-directory /d/e',
      'sync-directory /d',
      'rename /d/a',
      'remove /d/a',
    ]);
  });
});
