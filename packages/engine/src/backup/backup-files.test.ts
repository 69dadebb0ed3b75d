import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { NodeDisk } from 'veltrix';
import { copyDurably } from './backup-files.ts';

test("a copy is its owner's alone before anything is in it, and whole", (context) => {
  const directory = mkdtempSync(join(tmpdir(), 'backup-files-'));
  context.after(() => rmSync(directory, { recursive: true }));
  const [from, to] = [join(directory, 'from'), join(directory, 'to')];
  const seen: string[] = [];
  class SeenDisk extends NodeDisk {
    override open(...parameters: Parameters<NodeDisk['open']>) {
      const { mode, size } = statSync(to);
      seen.push(`${(mode & 0o777).toString(8)} ${size}`);
      return super.open(...parameters);
    }
  }
  for (const bytes of [0, 5, 1 << 16, 200_000]) {
    const content = Buffer.alloc(
      bytes,
      'a longer text of eleven words, so that no block is another',
    );
    writeFileSync(from, content, { mode: 0o644 });
    copyDurably(new SeenDisk(), from, to);
    assert.ok(readFileSync(to).equals(content));
    assert.deepEqual(seen.splice(0), ['600 0']);
    assert.equal(statSync(to).mode & 0o777, 0o600);
    assert.throws(() => copyDurably(new SeenDisk(), from, to), { id: 'engine-store-failed' });
    assert.ok(readFileSync(to).equals(content), 'what is there is not replaced');
    rmSync(to);
  }
});
