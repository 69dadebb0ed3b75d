import { existsSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import type { ErrorDefinition } from 'veltrix';
import { repositoryRoot } from '../repository.ts';

/** One error of one package. */
export interface RegisteredError {
  readonly id: string;
  readonly definition: ErrorDefinition;
  /** The registry's file, relative to the root. */
  readonly source: string;
}

/** Where a package may have a registry: its own, and those that not every start loads. */
const places = ['errors.ts', 'preflight/errors.ts', 'sizing/errors.ts'];

/** The rows of every registry of `packages/<name>/src`, and of `load`, sorted by id. An id in two registries throws. */
export async function loadRegisteredErrors(): Promise<RegisteredError[]> {
  const errors = new Map<string, RegisteredError>();
  const packages = readdirSync(path.join(repositoryRoot, 'packages')).sort();
  const folders = [...packages.map((name) => `packages/${name}`), 'load'];
  const sources = folders.flatMap((folder) => places.map((place) => `${folder}/src/${place}`));
  for (const source of sources) {
    const file = path.join(repositoryRoot, source);
    if (!existsSync(file)) continue;
    const module: Record<string, unknown> = await import(pathToFileURL(file).href);
    for (const registry of Object.values(module).filter(isRegistry)) {
      for (const [id, definition] of Object.entries(registry.definitions)) {
        const other = errors.get(id);
        if (other !== undefined) throw new Error(`${id} is in ${other.source} and in ${source}`);
        errors.set(id, { id, definition, source });
      }
    }
  }
  return [...errors.values()].sort((one, other) => (one.id < other.id ? -1 : 1));
}

interface Registry {
  readonly definitions: Readonly<Record<string, ErrorDefinition>>;
}

function isRegistry(value: unknown): value is Registry {
  return typeof value === 'object' && value !== null && 'definitions' in value;
}
