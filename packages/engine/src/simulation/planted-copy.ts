import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { Mutant } from './mutants.ts';

const root = resolve(import.meta.dirname, '../../../..');
const packages = ['veltrix', 'rules', 'engine'] as const;

/** The file with the bug in it. Throws when the line is not there exactly once: the mutant is stale. */
export function plant(source: string, { name, file, find, replace }: Mutant): string {
  const lines = source.split('\n');
  const found = lines.flatMap((line, index) => (line.trim() === find ? [index] : []));
  if (found.length !== 1) {
    throw new Error(
      `Mutant ${name} is stale: ${file} has its line ${found.length} times. Mend mutants.ts.`,
    );
  }
  lines[found[0]!] = replace;
  return lines.join('\n');
}

export function readSource(file: string): string {
  return readFileSync(join(root, 'packages', file), 'utf8');
}

/** A copy of the packages in a temporary directory, where one bug at a time can be planted. */
export class PlantedCopy {
  readonly directory = mkdtempSync(join(tmpdir(), 'hunt-mutants-'));

  constructor() {
    const modules = join(root, 'node_modules');
    mkdirSync(join(this.directory, 'node_modules/@hunt'), { recursive: true });
    for (const name of packages) {
      const from = join(root, 'packages', name);
      for (const part of ['package.json', 'src']) {
        cpSync(join(from, part), join(this.directory, 'packages', name, part), { recursive: true });
      }
      const scoped = name === 'veltrix' ? name : `@hunt/${name}`;
      const link = join(this.directory, 'node_modules', scoped);
      symlinkSync(join(this.directory, 'packages', name), link);
    }
    for (const entry of readdirSync(modules)) {
      if (entry === 'veltrix' || entry === '@hunt' || entry.startsWith('.')) continue;
      symlinkSync(join(modules, entry), join(this.directory, 'node_modules', entry));
    }
  }

  get simulator(): string {
    return join(this.directory, 'packages/engine/src/simulation/main.ts');
  }

  /** Plants the bug; the returned function takes it out again. */
  plant(mutant: Mutant): () => void {
    const path = join(this.directory, 'packages', mutant.file);
    const source = readSource(mutant.file);
    writeFileSync(path, plant(source, mutant));
    return () => writeFileSync(path, source);
  }

  remove(): void {
    rmSync(this.directory, { recursive: true, force: true });
  }
}
