import { parseSync } from 'oxc-parser';

/** A node of the syntax tree (ESTree with TypeScript), as far as the checks here look at it. */
export interface SyntaxNode {
  readonly type: string;
  readonly start: number;
  readonly [property: string]: unknown;
}

/** One place in a source file that names another module. */
export interface ImportUse {
  readonly specifier: string;
  /** Position in the source, in UTF-16 code units. */
  readonly start: number;
  /** True when nothing of it is left at run time. */
  readonly typeOnly: boolean;
  /** Imported names that exist at run time; `*` for the whole module. */
  readonly names: readonly string[];
  /** For `export … from`: the name under which each of `names` goes on. */
  readonly exportedAs?: readonly string[];
}

/** The syntax tree of a TypeScript source. Throws a SyntaxError that names the file. */
export function parseSource(file: string, text: string): SyntaxNode {
  const { program, errors } = parseSync(file, text);
  const [first] = errors;
  if (first !== undefined) throw new SyntaxError(`${file}: ${first.message}`);
  return program as unknown as SyntaxNode;
}

/** Every node of the tree, parents first. */
export function* syntaxNodes(node: SyntaxNode): Generator<SyntaxNode> {
  yield node;
  for (const value of Object.values(node)) {
    for (const child of Array.isArray(value) ? value : [value]) {
      if (isNode(child)) yield* syntaxNodes(child);
    }
  }
}

function isNode(value: unknown): value is SyntaxNode {
  return typeof value === 'object' && value !== null && 'type' in value && 'start' in value;
}

/** Line and column of a position, both from 1. */
export function lineAndColumn(text: string, position: number): string {
  const before = text.slice(0, position).split('\n');
  return `${before.length}:${(before.at(-1) ?? '').length + 1}`;
}

/** All imports, re-exports, dynamic imports and import types with a literal module name. */
export function importsOf(program: SyntaxNode): ImportUse[] {
  const found: ImportUse[] = [];
  for (const node of syntaxNodes(program)) {
    const specifier = moduleName(node['source']);
    if (specifier === undefined) continue;
    const { start } = node;
    if (node.type === 'TSImportType') {
      found.push({ specifier, start, typeOnly: true, names: [] });
    } else if (node.type === 'ImportExpression') {
      found.push({ specifier, start, typeOnly: false, names: ['*'] });
    } else if (node.type === 'ExportAllDeclaration') {
      const typeOnly = node['exportKind'] === 'type';
      const exportedAs = [nameOf(node['exported']) ?? '*'];
      found.push({ specifier, start, typeOnly, names: ['*'], exportedAs });
    } else if (node.type === 'ImportDeclaration' || node.type === 'ExportNamedDeclaration') {
      found.push(namedUse(node, specifier));
    }
  }
  return found;
}

function namedUse(node: SyntaxNode, specifier: string): ImportUse {
  const exporting = node.type === 'ExportNamedDeclaration';
  const kind = exporting ? 'exportKind' : 'importKind';
  const all = (node['specifiers'] ?? []) as SyntaxNode[];
  const values = node[kind] === 'type' ? [] : all.filter((one) => one[kind] !== 'type');
  // `import './x.ts'` has no names and still runs the module.
  const typeOnly = node[kind] === 'type' || (all.length > 0 && values.length === 0);
  const names = values.map((one) => {
    if (one.type === 'ImportNamespaceSpecifier') return '*';
    if (one.type === 'ImportDefaultSpecifier') return 'default';
    return nameOf(one[exporting ? 'local' : 'imported']) ?? '*';
  });
  const use = { specifier, start: node.start, typeOnly, names };
  if (!exporting) return use;
  return { ...use, exportedAs: values.map((one) => nameOf(one['exported']) ?? '*') };
}

function moduleName(source: unknown): string | undefined {
  return isNode(source) && typeof source['value'] === 'string' ? source['value'] : undefined;
}

/** The text of an identifier or of a name in quotes. */
export function nameOf(node: unknown): string | undefined {
  if (!isNode(node)) return undefined;
  const name = node['name'] ?? node['value'];
  return typeof name === 'string' ? name : undefined;
}
