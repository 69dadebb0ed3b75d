// What is released, installed below a temporary folder and run there: nothing of the repository is within its reach
// but Node, which has 120 MB.
import assert from 'node:assert/strict';
import { type ChildProcess, execFile, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  existsSync,
  mkdtempSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { promisify } from 'node:util';
import { repositoryRoot } from '../repository.ts';
import { missingPrograms } from '../system-packages.ts';
import { makeReleaseTree } from './release-tree.ts';

const run = promisify(execFile);
const folder = mkdtempSync(path.join(tmpdir(), 'hunt-install-'));
const tree = path.join(folder, 'hunt-0.1.0');
const root = path.join(folder, 'root');
const at = (file: string) => path.join(root, file);
const unit = 'etc/systemd/system/hunt.service';

const install = (...flags: string[]) =>
  run(path.join(tree, 'install.sh'), flags, { env: { PATH: process.env['PATH'], DESTDIR: root } });

before(async () => {
  makeReleaseTree({
    ...{ root: repositoryRoot, target: tree, linksNode: true },
    ...{ node: process.execPath, nodeVersion: process.versions.node },
  });
  await install();
});
after(() => rmSync(folder, { recursive: true }));

test('it has what is shipped, the packages that run, and a bill of both', () => {
  assert.ok(!existsSync(path.join(tree, 'packages/engine/src/engine.test.ts')));
  assert.ok(!existsSync(path.join(tree, 'node_modules/typescript')));
  const bill = JSON.parse(readFileSync(path.join(tree, 'sbom.cdx.json'), 'utf8')) as {
    readonly components: readonly { readonly name: string; readonly hashes?: unknown }[];
  };
  const byName = new Map(bill.components.map((component) => [component.name, component]));
  for (const name of ['node', 'veltrix', '@hunt/engine', 'fastify', '@platformatic/kafka']) {
    assert.ok(byName.has(name), name);
  }
  assert.ok(byName.get('fastify')!.hashes && !byName.has('@biomejs/biome'));
});

test('an engine that was installed starts, takes requests, and stops when it is asked to', async (t) => {
  const line = ['serve', '--port', '0', '--data', path.join(folder, 'data'), '--json'];
  const settings = ['--config', at('etc/hunt/settings.yaml')];
  const env = { PATH: '/usr/bin:/bin', NODE_COMPILE_CACHE: path.join(folder, 'compiled') };
  const child: ChildProcess = spawn(at('opt/hunt/bin/hunt'), [...line, ...settings], {
    ...{ env, cwd: folder, stdio: ['ignore', 'pipe', 'pipe'] },
  });
  t.after(() => child.kill('SIGKILL'));
  let errors = '';
  child.stderr!.on('data', (chunk) => {
    errors = `${errors}${chunk}`.slice(-4_000);
  });
  const ended = once(child, 'exit');
  const [first] = await Promise.race([once(child.stdout!, 'data'), ended]);
  assert.ok(Buffer.isBuffer(first), errors);
  const { url } = JSON.parse(String(first)) as { readonly url: string };
  assert.equal((await fetch(`${url}/readyz`)).status, 200);
  assert.equal((await fetch(url)).status, 200, 'the pages are there');
  child.kill('SIGTERM');
  assert.deepEqual(await ended, [0, null], errors);
});

test('nodes of a cluster find their clients', async () => {
  const entry = path.join(tree, 'packages/engine/src/cluster/index.ts');
  const { stdout } = await run(process.execPath, [
    ...['--input-type=module', '--eval'],
    `const { clusterRoles } = await import(${JSON.stringify(entry)}); console.log(clusterRoles.length);`,
  ]);
  assert.equal(stdout, '5\n');
});

test('installing again keeps what the operator wrote, and a newer one takes its place', async () => {
  writeFileSync(at('etc/hunt/environment'), 'HUNT_SERVE_FLAGS="--port 80"\n');
  await install('--no-start');
  assert.match(readFileSync(at('etc/hunt/environment'), 'utf8'), /--port 80/);
  assert.equal(readlinkSync(at('opt/hunt')), 'hunt-0.1.0');
  assert.equal(readlinkSync(at('usr/local/bin/hunt')), '/opt/hunt/bin/hunt');
  assert.equal(statSync(at('opt/hunt/bin/hunt')).mode & 0o111, 0o111);
});

test('a flag that install.sh does not know changes nothing, and is named', async () => {
  await assert.rejects(install('--uninstall'), /--uninstall is not known/);
  assert.ok(existsSync(at(unit)));
});

const needs = missingPrograms(
  [{ program: 'systemd-analyze', debianPackage: 'systemd', usedBy: 'this test' }],
  process.env['PATH'] ?? '',
);
const skip = needs.length > 0 && 'needs: systemd-analyze';

test('systemd takes the unit, and finds it little exposed', { skip }, async () => {
  const text = readFileSync(at(unit), 'utf8');
  const [, program] = /^ExecStart=(\S+)/m.exec(text)!;
  assert.equal(program, '/opt/hunt/bin/hunt');
  const copy = path.join(folder, 'hunt.service');
  writeFileSync(copy, text.replace(program!, at(program!)));
  const verified = await run('systemd-analyze', ['verify', '--man=no', copy]);
  // It tells of other units of the machine, too.
  assert.doesNotMatch(verified.stderr, /hunt\.service/);
  const review = ['security', '--offline=true', '--threshold=20', '--no-pager', copy];
  const { stdout } = await run('systemd-analyze', review);
  assert.match(stdout, /Overall exposure level for hunt\.service: 1\.\d/);
});

test('removing it leaves data and settings', async () => {
  execFileSync('mkdir', ['-p', at('var/lib/hunt')]);
  await install('--remove');
  for (const gone of [unit, 'opt/hunt', 'opt/hunt-0.1.0', 'usr/local/bin/hunt']) {
    assert.ok(!existsSync(at(gone)), gone);
  }
  for (const kept of ['var/lib/hunt', 'etc/hunt/environment', 'etc/hunt/settings.yaml']) {
    assert.ok(existsSync(at(kept)), kept);
  }
});
