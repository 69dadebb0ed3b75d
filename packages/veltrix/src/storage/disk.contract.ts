import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import type { Disk } from './disk.ts';

export interface DiskHarness {
  readonly disk: Disk;
  /** An existing directory to work in. */
  readonly directory: string;
  until(condition: () => boolean): Promise<void>;
  dispose(): void;
}

const systemCode = (code: string) => (error: unknown) =>
  (error as NodeJS.ErrnoException).code === code &&
  typeof (error as NodeJS.ErrnoException).syscall === 'string';

/** The promises of the `Disk` port that do not need a crash to be seen. */
export function testDiskContract(name: string, newHarness: () => DiskHarness): void {
  suite(`disk contract: ${name}`, () => {
    for (const [title, body] of Object.entries(contract)) {
      test(title, async () => {
        const harness = newHarness();
        try {
          await body(harness);
        } finally {
          harness.dispose();
        }
      });
    }
  });
}

const contract: Record<string, (harness: DiskHarness) => void | Promise<void>> = {
  'what is written is read, here and through another handle, with zeros in between': ({
    disk,
    directory,
  }) => {
    const file = disk.open(`${directory}/a`, { create: true });
    file.write(10, Uint8Array.of(1, 2, 3));
    assert.equal(file.size(), 13);
    const other = disk.open(`${directory}/a`);
    const bytes = new Uint8Array(20).fill(9);
    assert.equal(other.read(8, bytes), 5);
    assert.deepEqual(bytes.subarray(0, 6), Uint8Array.of(0, 0, 1, 2, 3, 9));
    assert.equal(other.read(13, bytes), 0);
    assert.equal(other.read(100, bytes), 0);
    file.close();
    other.close();
  },

  'a file that is cut and made longer reads zeros where it was cut': ({ disk, directory }) => {
    const file = disk.open(`${directory}/a`, { create: true });
    file.write(0, new Uint8Array(100).fill(7));
    file.truncate(50);
    file.truncate(100);
    const bytes = new Uint8Array(100);
    assert.equal(file.read(0, bytes), 100);
    assert.deepEqual(bytes, new Uint8Array(100).fill(7, 0, 50));
    file.close();
  },

  'opening what does not exist is ENOENT, and create makes it': ({ disk, directory }) => {
    assert.throws(() => disk.open(`${directory}/a`), systemCode('ENOENT'));
    disk.open(`${directory}/a`, { create: true }).close();
    disk.open(`${directory}/a`).close();
    assert.throws(() => disk.open(`${directory}/no/a`, { create: true }), systemCode('ENOENT'));
  },

  'list gives sorted names of files and directories, and nothing for what is not there': ({
    disk,
    directory,
  }) => {
    disk.makeDirectory(`${directory}/sub/deep`);
    disk.makeDirectory(`${directory}/sub/deep`);
    for (const name of ['b', 'a', 'sub/c']) {
      disk.open(`${directory}/${name}`, { create: true }).close();
    }
    assert.deepEqual(disk.list(directory), ['a', 'b', 'sub']);
    assert.deepEqual(disk.list(`${directory}/sub`), ['c', 'deep']);
    assert.deepEqual(disk.list(`${directory}/none`), []);
  },

  'rename replaces what was there, remove takes it away': ({ disk, directory }) => {
    const from = disk.open(`${directory}/from`, { create: true });
    from.write(0, Uint8Array.of(1));
    disk.open(`${directory}/to`, { create: true }).close();
    disk.rename(`${directory}/from`, `${directory}/to`);
    assert.deepEqual(disk.list(directory), ['to']);
    assert.equal(disk.open(`${directory}/to`).size(), 1);
    disk.remove(`${directory}/to`);
    assert.deepEqual(disk.list(directory), []);
    assert.throws(() => disk.remove(`${directory}/to`), systemCode('ENOENT'));
    assert.throws(() => disk.rename(`${directory}/from`, `${directory}/to`), systemCode('ENOENT'));
  },

  'link gives a second name, which stays when the first is removed, and replaces nothing': ({
    disk,
    directory,
  }) => {
    const from = disk.open(`${directory}/from`, { create: true });
    from.write(0, Uint8Array.of(1));
    disk.link(`${directory}/from`, `${directory}/to`);
    assert.deepEqual(disk.list(directory), ['from', 'to']);
    const other = disk.open(`${directory}/other`, { create: true });
    assert.throws(() => disk.link(`${directory}/other`, `${directory}/to`), systemCode('EEXIST'));
    disk.remove(`${directory}/from`);
    const to = disk.open(`${directory}/to`);
    assert.equal(to.size(), 1);
    assert.throws(() => disk.link(`${directory}/from`, `${directory}/no`), systemCode('ENOENT'));
    for (const file of [from, other, to]) file.close();
  },

  'remove takes it away later, or says later why not, when somebody is to be called back': async ({
    disk,
    directory,
    until,
  }) => {
    const path = `${directory}/large`;
    disk.open(path, { create: true }).close();
    const ends: { readonly error: Error | undefined }[] = [];
    disk.remove(path, (error) => ends.push({ error }));
    assert.equal(ends.length, 0);
    await until(() => ends.length === 1);
    assert.deepEqual([ends[0]?.error, disk.list(directory)], [undefined, []]);
    disk.remove(path, (error) => ends.push({ error }));
    await until(() => ends.length === 2);
    assert.ok(systemCode('ENOENT')(ends[1]!.error));
  },

  'sync, syncDirectory and writeSlowly call back later, or hold up the caller': async ({
    disk,
    directory,
    until,
  }) => {
    const file = disk.open(`${directory}/a`, { create: true });
    let done = 0;
    const count = (error?: Error) => {
      assert.ifError(error);
      done += 1;
    };
    file.writeSlowly(2, new Uint8Array(100_000).fill(5), count);
    assert.equal(done, 0);
    await until(() => done === 1);
    assert.equal(file.size(), 100_002);
    file.sync(count);
    disk.syncDirectory(directory, count);
    assert.equal(done, 1);
    await until(() => done === 3);
    file.sync();
    disk.syncDirectory(directory);
    file.close();
  },

  'syncIfShort says whether it was short': ({ disk, directory }) => {
    const file = disk.open(`${directory}/a`, { create: true });
    const answers = Array.from({ length: 20 }, (_, index) => {
      file.write(index * 8, new Uint8Array(8));
      const isSynced = file.syncIfShort();
      if (!isSynced) file.sync();
      return isSynced;
    });
    assert.ok(answers.includes(true));
    assert.equal(file.size(), 160);
    file.close();
  },

  'a lock has one holder until it is released': ({ disk, directory }) => {
    const lock = disk.lock(`${directory}/lock`);
    assert.ok(lock);
    assert.equal(disk.lock(`${directory}/lock`), undefined);
    lock.release();
    const again = disk.lock(`${directory}/lock`);
    assert.ok(again);
    again.release();
  },
};
