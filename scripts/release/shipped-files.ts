/** Folders of a package that are for who works on it. */
const testFolders = new Set(['testing', 'test-oracle', 'golden']);

const testFile = /\.(test|contract|bench)\.ts$/;

/**
 * Whether what is installed somewhere has this file of the repository: the engine with its pages, sample hunts and
 * scenarios, not what tests or measures it. `.dockerignore` says the same to container builds.
 *
 * @param file relative to the root, with forward slashes
 */
export function isShipped(file: string): boolean {
  if (file === 'package.json' || file === 'LICENSE') return true;
  const folders = file.split('/');
  if (!['packages', 'load', 'hunts'].includes(folders[0]!)) return false;
  if (folders.some((folder) => testFolders.has(folder))) return false;
  return !testFile.test(file) && !file.endsWith('.md') && !file.endsWith('/tsconfig.json');
}
