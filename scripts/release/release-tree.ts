import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  readFileSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import { billOfMaterials } from './bill-of-materials.ts';
import { type LockedPackages, productionModules } from './production-modules.ts';
import { isShipped } from './shipped-files.ts';

const listing = ['ls-files', '-z', '--cached', '--others', '--exclude-standard'];

/** Of `deploy/machine`, to where in the tree. */
const machineFiles: readonly (readonly [file: string, place: string, mode: number])[] = [
  ['install.sh', 'install.sh', 0o755],
  ['hunt.sh', 'bin/hunt', 0o755],
  ['hunt.service', 'machine/hunt.service', 0o644],
  ['environment', 'machine/environment', 0o644],
  ['settings.yaml', 'machine/settings.yaml', 0o644],
];

export interface ReleaseTreeOptions {
  /** The repository, with its packages installed. */
  readonly root: string;
  /** A folder that is made; it must not be there. */
  readonly target: string;
  /** The Node that runs it, copied unless `linksNode`. */
  readonly node: string;
  readonly nodeVersion: string;
  /** For tests: it has 120 MB. */
  readonly linksNode?: boolean;
}

/**
 * Makes a folder that runs wherever it lies, without npm and without a network: the files that are shipped, the packages
 * that they need as they are installed here, for this platform, and Node.
 */
export function makeReleaseTree(options: ReleaseTreeOptions): void {
  const { root, target, node, nodeVersion, linksNode = false } = options;
  const listed = execFileSync('git', listing, { cwd: root, encoding: 'utf8' });
  mkdirSync(target);
  const copy = (from: string, to: string) => {
    mkdirSync(path.dirname(path.join(target, to)), { recursive: true });
    cpSync(path.join(root, from), path.join(target, to), { recursive: true });
  };
  for (const file of listed.split('\0').filter((name) => isShipped(name))) {
    if (existsSync(path.join(root, file))) copy(file, file);
  }
  copy('package-lock.json', 'package-lock.json');
  const lock = JSON.parse(readFileSync(path.join(root, 'package-lock.json'), 'utf8')) as {
    readonly packages: LockedPackages;
  };
  const isThere = (folder: string) => existsSync(path.join(root, folder, 'package.json'));
  const { folders, links } = productionModules(lock.packages, 'packages/cli', isThere);
  for (const folder of folders) copy(folder, folder);
  for (const [link, folder] of links) {
    const place = path.join(target, link);
    mkdirSync(path.dirname(place), { recursive: true });
    symlinkSync(path.relative(path.dirname(place), path.join(target, folder)), place);
  }
  for (const [file, place, mode] of machineFiles) {
    copy(`deploy/machine/${file}`, place);
    chmodSync(path.join(target, place), mode);
  }
  if (linksNode) symlinkSync(node, path.join(target, 'bin/node'));
  else {
    cpSync(node, path.join(target, 'bin/node'), { dereference: true });
    chmodSync(path.join(target, 'bin/node'), 0o755);
  }
  const bill = JSON.stringify(billOfMaterials(target, nodeVersion), null, 2);
  writeFileSync(path.join(target, 'sbom.cdx.json'), `${bill}\n`);
}
