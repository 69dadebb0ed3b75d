import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { ServeProcess } from '../testing/serve-process.ts';
import { nodeEnvironment, pretenuringFlag, startFlags } from './node-start.ts';

const root = new URL('../../../../', import.meta.url);
const read = (file: string) => readFileSync(new URL(file, root), 'utf8');
const flags = startFlags.join(' ');
const variables = Object.entries(nodeEnvironment);

test('every way to start an engine starts Node with the same flags and variables', () => {
  const program = read('packages/cli/bin/hunt.js');
  const [firstLine = ''] = program.split('\n');
  const assigned = variables.map((variable) => variable.join('=')).join(' ');
  assert.equal(firstLine, `#!/usr/bin/env -S ${assigned} node ${flags}`);
  // Linux before 5.1 reads no more of a first line.
  assert.ok(firstLine.length <= 126, `${firstLine.length} characters`);
  // The line has no room for this one.
  assert.ok(program.includes(`\nv8.setFlagsFromString('${pretenuringFlag}');\n`));
  // What the doctor advises is that line with another size.
  const advised = `${assigned} node ${flags.replace('=16', '=64')} …/packages/cli/bin/hunt.js serve`;
  assert.ok(read('packages/engine/src/diagnosis/causes/thread-causes.ts').includes(advised));
  const launcher = read('deploy/machine/hunt.sh');
  assert.ok(launcher.includes(`exec "$home/bin/node" ${flags} \\\n`));
  for (const [name, value] of variables) {
    assert.ok(launcher.includes(`export ${name}="\${${name}:-${value}}"\n`), name);
  }
  const { scripts } = JSON.parse(read('package.json')) as { scripts: Record<string, string> };
  assert.equal(scripts['start'], 'hunt serve');
  // The container runs the command by its first line, and every file that runs one names the command.
  assert.ok(read('deploy/container/Dockerfile').includes('ENTRYPOINT ["hunt"]'));
  assert.ok(read('deploy/machine/hunt.service').includes('ExecStart=/opt/hunt/bin/hunt serve'));
});

test('nothing in an engine asks the system for huge pages, of which one is 2 MB for what needs some kB', {
  skip: !existsSync('/proc/self/smaps') && 'only Linux tells of it',
}, async () => {
  const directory = mkdtempSync(join(tmpdir(), 'hunt-node-start-'));
  const data = join(directory, 'data');
  const server = new ServeProcess(['--data', data, '--port', '0', '--json']);
  try {
    await server.url();
    const mappings = readFileSync(`/proc/${server.child.pid}/smaps`, 'utf8');
    // The module that would is there.
    assert.match(mappings, /crc32[^/]*\.node$/m);
    assert.doesNotMatch(mappings, /^VmFlags:.* hg( |$)/m);
    await server.stop();
  } finally {
    await server.kill();
    rmSync(directory, { recursive: true });
  }
});
