// npm run release [-- --out DIR]: one file that has all of the engine, for a machine like this one.
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { readCommandLine } from '../command-line.ts';
import { repositoryRoot } from '../repository.ts';
import { makeReleaseTree } from './release-tree.ts';

const { out } = readCommandLine({
  command: 'npm run release --',
  summary: 'Makes one file that has all of the engine, for a machine like this one.',
  options: { out: { takes: 'DIR', default: 'dist', text: 'where it is written' } },
});
const manifest = readFileSync(path.join(repositoryRoot, 'package.json'), 'utf8');
const { version } = JSON.parse(manifest) as { readonly version: string };
const name = `hunt-${version}`;
const folder = mkdtempSync(path.join(tmpdir(), 'hunt-release-'));
try {
  makeReleaseTree({
    ...{ root: repositoryRoot, target: path.join(folder, name) },
    ...{ node: process.execPath, nodeVersion: process.versions.node },
  });
  const archive = path.resolve(out, `${name}-${process.platform}-${process.arch}.tar.gz`);
  mkdirSync(path.dirname(archive), { recursive: true });
  // Owned by whoever unpacks it as root.
  const owner = ['--owner=0', '--group=0', '--numeric-owner', '--sort=name'];
  execFileSync('tar', [...owner, '-C', folder, '-czf', archive, name], { stdio: 'inherit' });
  console.log(`${archive}  ${(statSync(archive).size / 2 ** 20).toFixed(1)} MiB`);
} finally {
  rmSync(folder, { recursive: true });
}
