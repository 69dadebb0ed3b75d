import { isTestFile } from './repository.ts';
import { nameOf, type SyntaxNode, syntaxNodes } from './source-code.ts';

/** Something in the rules whose result differs from machine to machine or from run to run. */
export interface Impurity {
  /** Position in the source, in UTF-16 code units. */
  readonly start: number;
  readonly message: string;
}

/** ECMAScript gives these to the last bit; `sin`, `pow`, `log` and the like are the engine's own. */
const exactMath = new Set(
  'abs ceil clz32 floor fround imul max min round sign sqrt trunc PI E'.split(' '),
);

/** Run once, before the log: the compiler of hunts, and what it reads them with. */
const compilerFolders = ['packages/rules/src/definition/', 'packages/veltrix/src/document/'];

const impureObjects = new Set(['process', 'performance', 'Intl', 'globalThis']);

/**
 * What a replay cannot repeat: clock, chance, process, locale and inexact arithmetic. The compiler
 * runs once, before the log, so it may read a date and use all of Math; clock, chance, process and
 * locale are refused there too. Other packages and tests are not looked at.
 */
export function impurities(file: string, program: SyntaxNode): Impurity[] {
  const compiler = compilerFolders.some((folder) => file.startsWith(folder));
  if (!(compiler || file.startsWith('packages/rules/src/')) || isTestFile(file)) return [];
  const found: Impurity[] = [];
  for (const node of syntaxNodes(program)) {
    const reason = impurity(node) ?? (compiler ? undefined : foldImpurity(node));
    if (reason !== undefined) {
      found.push({ start: node.start, message: `rules are pure: ${reason}` });
    }
  }
  return found;
}

function impurity(node: SyntaxNode): string | undefined {
  const member = memberOf(node);
  if (member !== undefined) {
    const [object, property] = member;
    if (object === 'Date' && property === 'now')
      return 'Date.now is a clock, take the record’s time';
    if (object === 'Math' && property === 'random') return 'Math.random, take the record’s seed';
    if (object !== undefined && impureObjects.has(object)) return `${object} is not the record’s`;
    if (property?.startsWith('toLocale') || property === 'localeCompare') {
      return `${property} depends on the machine’s locale`;
    }
  }
  const dateWithoutTime = isDate(node) && (node['arguments'] as unknown[]).length === 0;
  return dateWithoutTime ? 'new Date() is a clock, take the record’s time' : undefined;
}

function foldImpurity(node: SyntaxNode): string | undefined {
  if (isDate(node)) return 'no Date in the fold, times are milliseconds in the record';
  const [object, property] = memberOf(node) ?? [];
  if (object === 'Math' && property !== undefined && !exactMath.has(property)) {
    return `Math.${property} is not the same to the last bit on every machine`;
  }
  return undefined;
}

function isDate(node: SyntaxNode): boolean {
  return node.type === 'NewExpression' && nameOf(node['callee']) === 'Date';
}

/** Object and property name of `object.property`. */
function memberOf(node: SyntaxNode): [string | undefined, string | undefined] | undefined {
  if (node.type !== 'MemberExpression') return undefined;
  return [nameOf(node['object']), nameOf(node['property'])];
}
