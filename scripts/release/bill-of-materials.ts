// What an installed tree is made of, as CycloneDX: `node bill-of-materials.ts DIR > sbom.cdx.json`. `npm sbom` tells of
// the lock file, and leaves out what links of workspaces lead to; this reads what is there. Imports nothing of ours, so
// that a container build needs this file alone.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';

interface Manifest {
  readonly name: string;
  readonly version: string;
  readonly license?: string;
}

interface Component {
  readonly type: 'library' | 'platform';
  readonly name: string;
  readonly version: string;
  readonly purl: string;
  readonly licenses?: readonly unknown[];
  readonly hashes?: readonly { readonly alg: string; readonly content: string }[];
}

interface Lock {
  readonly packages: Readonly<Record<string, { readonly integrity?: string }>>;
}

/** A CycloneDX 1.5 document of the packages below `directory/node_modules`, sorted, and of Node. The same tree gives the same. */
export function billOfMaterials(directory: string, nodeVersion: string): object {
  const { name, version } = manifestOf(directory)!;
  const lockFile = path.join(directory, 'package-lock.json');
  const lock: Lock = existsSync(lockFile)
    ? (JSON.parse(readFileSync(lockFile, 'utf8')) as Lock)
    : { packages: {} };
  const components = packageFolders(path.join(directory, 'node_modules'))
    .map((folder) => componentOf(folder, lock.packages[relative(directory, folder)]?.integrity))
    .filter((component) => component !== undefined)
    .sort((one, other) => (one.purl < other.purl ? -1 : 1));
  const distinct = components.filter(({ purl }, index) => purl !== components[index - 1]?.purl);
  const node: Component = {
    ...{ type: 'platform', name: 'node', version: nodeVersion },
    purl: `pkg:generic/node@${nodeVersion}`,
  };
  return {
    bomFormat: 'CycloneDX',
    specVersion: '1.5',
    version: 1,
    metadata: {
      component: { 'bom-ref': name, type: 'application', name, version },
    },
    components: [node, ...distinct],
  };
}

function relative(from: string, to: string): string {
  return path.relative(from, to).replaceAll(path.sep, '/');
}

/** Folders with a package, those of packages in them included. Links are named too, and not followed further. */
function packageFolders(modules: string): string[] {
  if (!existsSync(modules)) return [];
  return readdirSync(modules, { withFileTypes: true }).flatMap((entry) => {
    const folder = path.join(modules, entry.name);
    if (entry.name.startsWith('.')) return [];
    if (entry.isSymbolicLink()) return [folder];
    if (!entry.isDirectory()) return [];
    if (entry.name.startsWith('@')) return packageFolders(folder);
    return [folder, ...packageFolders(path.join(folder, 'node_modules'))];
  });
}

function manifestOf(folder: string): Manifest | undefined {
  const file = path.join(folder, 'package.json');
  return existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as Manifest) : undefined;
}

function componentOf(folder: string, integrity: string | undefined): Component | undefined {
  const manifest = manifestOf(folder);
  if (manifest === undefined) return undefined;
  const { name, version, license } = manifest;
  const [algorithm = '', digest = ''] = integrity?.split('-') ?? [];
  return {
    ...{ type: 'library', name, version },
    purl: `pkg:npm/${name.replace('@', '%40')}@${version}`,
    ...(typeof license === 'string' && { licenses: [{ expression: license }] }),
    ...(algorithm === 'sha512' && {
      hashes: [{ alg: 'SHA-512', content: Buffer.from(digest, 'base64').toString('hex') }],
    }),
  };
}

if (import.meta.main) {
  const directory = process.argv[2];
  // The image has this file alone, so it reads its command line by itself.
  if (directory === undefined || directory.startsWith('-')) {
    const isAsked = directory === '--help';
    process[isAsked ? 'stdout' : 'stderr'].write('usage: node bill-of-materials.ts DIRECTORY\n');
    process.exit(isAsked ? 0 : 2);
  }
  const document = billOfMaterials(path.resolve(directory), process.versions.node);
  process.stdout.write(`${JSON.stringify(document, null, 2)}\n`);
}
