import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { nodeFlags } from './node-flags.ts';

const root = new URL('../../../../', import.meta.url);
const read = (file: string) => readFileSync(new URL(file, root), 'utf8');
const flags = nodeFlags.join(' ');

test('every way to start an engine starts Node with the same flags', () => {
  const [firstLine] = read('packages/cli/bin/hunt.js').split('\n');
  assert.equal(firstLine, `#!/usr/bin/env -S node ${flags}`);
  assert.ok(read('deploy/machine/hunt.sh').includes(`exec "$home/bin/node" ${flags} "$home/`));
  const { scripts } = JSON.parse(read('package.json')) as { scripts: Record<string, string> };
  assert.equal(scripts['start'], 'hunt serve');
  // The container runs the command by its first line, and every file that runs one names the command.
  assert.ok(read('deploy/container/Dockerfile').includes('ENTRYPOINT ["hunt"]'));
  assert.ok(read('deploy/machine/hunt.service').includes('ExecStart=/opt/hunt/bin/hunt serve'));
});
