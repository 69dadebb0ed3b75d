import type { RegisteredError } from './generators/error-registries.ts';
import { isTestFile } from './repository.ts';
import { nameOf, parseSource, syntaxNodes } from './source-code.ts';

/**
 * Where registries and sources disagree: an id that is raised but not registered, one that is
 * registered but named nowhere in what is shipped, and one that is retired but still named.
 */
export function errorIdProblems(
  errors: readonly RegisteredError[],
  sources: ReadonlyMap<string, string>,
): string[] {
  const problems: string[] = [];
  const known = new Set(errors.map(({ id }) => id));
  const registries = new Set(errors.map(({ source }) => source));
  const named = new Set<string>();
  for (const [file, text] of sources) {
    if (!/^(packages|load)\//.test(file) || registries.has(file) || isTestFile(file)) continue;
    for (const node of syntaxNodes(parseSource(file, text))) {
      if (node.type === 'Literal' && typeof node['value'] === 'string') named.add(node['value']);
      const id = createdId(node);
      if (id !== undefined && !known.has(id))
        problems.push(`${file} raises ${id}: no registry has it`);
    }
  }
  for (const { id, definition, source } of errors) {
    if (definition.retired && named.has(id))
      problems.push(`${source} retired ${id}, but it is named`);
    if (!definition.retired && !named.has(id)) {
      problems.push(`${source} has ${id}, but nothing raises it: retire or remove it`);
    }
  }
  return problems.sort();
}

/** The id in `registry.create('<id>', …)`, recognised by the registry's name ending in `Errors`. */
function createdId(node: ReturnType<typeof parseSource>): string | undefined {
  if (node.type !== 'CallExpression') return undefined;
  const callee = node['callee'] as ReturnType<typeof parseSource>;
  if (nameOf(callee['property']) !== 'create') return undefined;
  if (nameOf(callee['object'])?.endsWith('Errors') !== true) return undefined;
  const [first] = node['arguments'] as { readonly type: string; readonly value?: unknown }[];
  return typeof first?.value === 'string' ? first.value : undefined;
}
