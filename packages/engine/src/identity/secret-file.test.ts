import assert from 'node:assert/strict';
import {
  chmodSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { NodeDisk } from 'veltrix';
import { openSecretFile } from './secret-file.ts';

function directoryFor(test: TestContext): string {
  const directory = mkdtempSync(join(tmpdir(), 'secret-'));
  test.after(() => rmSync(directory, { recursive: true }));
  return directory;
}

describe('the secret file', () => {
  it('is made once, for nobody else to read, and gives a key per purpose', (test) => {
    const directory = directoryFor(test);
    const path = join(directory, 'secret');
    const first = openSecretFile(path);
    assert.deepEqual(readdirSync(directory), ['secret']);
    assert.equal(statSync(path).mode & 0o777, 0o600);
    chmodSync(path, 0o644);
    assert.deepEqual(openSecretFile(path), first);
    assert.equal(statSync(path).mode & 0o777, 0o600);
    const keys = [readFileSync(path), ...Object.values(first)];
    assert.equal(new Set(keys.map((key) => Buffer.from(key).toString('hex'))).size, 4);
    for (const key of keys) assert.equal(key.length, 32);
    const other = openSecretFile(join(directory, 'other'));
    assert.notDeepEqual(other.tokenKey, first.tokenKey);
  });

  it('is durable also where its maker died before its name was', (test) => {
    const path = join(directoryFor(test), 'secret');
    const first = openSecretFile(path);
    const syncs = test.mock.method(NodeDisk.prototype, 'syncDirectory');
    assert.deepEqual(openSecretFile(path), first);
    assert.deepEqual(
      syncs.mock.calls.map(({ arguments: [synced] }) => synced),
      [dirname(path)],
    );
  });

  it('is refused when it is cut short, and never replaced', (test) => {
    const path = join(directoryFor(test), 'secret');
    writeFileSync(path, new Uint8Array(31));
    assert.throws(() => openSecretFile(path), { id: 'engine-secret-invalid' });
    assert.equal(statSync(path).size, 31);
  });

  it('takes away what a crash left of making it', (test) => {
    const directory = directoryFor(test);
    const path = join(directory, 'secret');
    const first = openSecretFile(path);
    writeFileSync(`${path}.${'0'.repeat(16)}.tmp`, new Uint8Array(5));
    assert.deepEqual(openSecretFile(path), first);
    assert.deepEqual(readdirSync(directory), ['secret']);
  });

  it('says so when it cannot be made', (test) => {
    const path = join(directoryFor(test), 'missing', 'secret');
    assert.throws(() => openSecretFile(path), { id: 'engine-store-failed' });
  });
});
