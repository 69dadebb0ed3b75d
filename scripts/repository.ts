import { readdirSync } from 'node:fs';
import path from 'node:path';

/** The folder that holds the root package.json. */
export const repositoryRoot = path.resolve(import.meta.dirname, '..');

/** Folders with sources of ours, relative to the root. */
const sourceFolders = ['packages', 'services', 'bench', 'chaos', 'load', 'scripts'];

/** Every `.ts` and `.js` file of ours as a path with forward slashes relative to `root`, sorted. */
export function sourceFiles(root: string = repositoryRoot): string[] {
  const found: string[] = [];
  for (const folder of sourceFolders) collect(root, folder, found);
  return found.sort();
}

function collect(root: string, folder: string, found: string[]): void {
  for (const entry of readdirSync(path.join(root, folder), { withFileTypes: true })) {
    const file = `${folder}/${entry.name}`;
    if (entry.isDirectory() && entry.name !== 'node_modules') collect(root, file, found);
    else if (entry.isFile() && /\.[jt]s$/.test(entry.name)) found.push(file);
  }
}

/** Tests and the suites and benches that only tests run: not part of what is shipped. */
export function isTestFile(file: string): boolean {
  return /\.(test|contract|bench)\.ts$/.test(file);
}
