/*
 * Figures of benches that stand on other pages are typed by people, and those of docs/performance.md change with every
 * run that is written down. Here each is held against the page that it is taken from.
 */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { repositoryRoot } from './repository.ts';

const read = (file: string) => readFileSync(path.join(repositoryRoot, 'docs', file), 'utf8');

/** A figure as a page has it, and as performance.md does; the only group of each is the number. */
interface Quote {
  readonly page: string;
  readonly says: RegExp;
  readonly measured: RegExp;
}

const quotes: readonly Quote[] = [
  {
    page: 'capacity.md',
    says: /`http` measures ([\d,]+) a second/,
    measured: /^\| `http` \| ([\d,]+)\/s/m,
  },
  {
    page: 'capacity.md',
    says: /`http-batch` ([\d,]+)\./,
    measured: /^\| `http-batch` \| ([\d,]+)\/s/m,
  },
  {
    page: 'capacity.md',
    says: /`core` decides ([\d.]+ million) a second/,
    measured: /^\| `core` \| ([\d,]+)\/s/m,
  },
  {
    page: 'capacity.md',
    says: /`claims` measures ([\d,]+) a second/,
    measured: /^\| `claims` \| ([\d,]+)\/s/m,
  },
  {
    page: 'capacity.md',
    says: /(\d+) bytes a command with its decision \(`core`\)/,
    measured: /^- \*\*`core`\*\* .* the (\d+) bytes a command and its decision take/m,
  },
  {
    page: 'capacity.md',
    says: /\(`core`\), (\d+) a claim/,
    measured: /^- \*\*`claims`\*\* .*\(96 bytes; (\d+) with a request/m,
  },
  {
    page: 'capacity.md',
    says: /about (\d+) bytes of state a player \(`memory`\)/,
    measured: /^\| `memory` \| (\d+) B a player/m,
  },
  {
    page: 'capacity.md',
    says: /`overload` .* still decided \(([\d.]+(?:(?:,| and) [\d.]+)*) of it\)/,
    measured: /^\| `overload` .*? good: ([\d.]+(?:(?:,| and) [\d.]+)*) × the knee/m,
  },
  {
    page: 'capacity.md',
    says: /99th percentile of ([\d.]+(?:(?:,| and) [\d.]+)*) times that at the knee/,
    measured: /^\| `overload` .*\| p99 [^|]* ms = ([\d.]+(?:(?:,| and) [\d.]+)*) ×/m,
  },
];

/** Pages that quote benches, and the benches that they name without a figure. */
const namedOnly: Readonly<Record<string, readonly string[]>> = {
  'capacity.md': ['skew', 'live', 'fan-out'],
  'handbook.md': [],
};

/** Of fewer digits nobody could tell whether they are still the same. */
const digitsLeast = 3;

/** Why a figure is not that of performance.md; undefined when it is, as precisely as it is written. */
function difference({ page, says, measured }: Quote, text: string, source: string) {
  const [quoted, figure] = [says.exec(text)?.[1], measured.exec(source)?.[1]];
  if (quoted === undefined) return `${page} no longer has ${says}: quote it here as it is now`;
  if (figure === undefined) return `performance.md no longer has ${measured}, which ${page} quotes`;
  // Of several runs there are several.
  const figures = figure.split(' and ');
  const numbers = quoted.split(' and ');
  const same =
    numbers.length === figures.length &&
    numbers.every((number, index) => isSame(number, figures[index]!));
  return same ? undefined : `${page} says ${quoted} (${says}), performance.md ${figure}`;
}

function isSame(quoted: string, figure: string): boolean {
  const written = quoted.replace(/\D/g, '').replace(/^0+|0+$/g, '').length;
  const digits = Math.max(digitsLeast, written);
  return Number(numberOf(figure).toPrecision(digits)) === numberOf(quoted);
}

function numberOf(text: string): number {
  const [number, unit] = text.split(' ');
  return Number(number!.replaceAll(',', '')) * (unit === 'million' ? 1e6 : 1);
}

test('figures that are quoted are those of performance.md', () => {
  const source = read('performance.md');
  const differences = quotes.flatMap((quote) => difference(quote, read(quote.page), source) ?? []);
  assert.deepEqual(differences, []);
});

test('no bench is named on these pages without being compared or known to have no figure', () => {
  const source = read('performance.md');
  const benches = [...source.matchAll(/^\| `([a-z-]+)`/gm)].map(([, name]) => name!);
  assert.ok(benches.length > 20);
  for (const [page, without] of Object.entries(namedOnly)) {
    let text = read(page);
    for (const { says } of quotes.filter((quote) => quote.page === page)) {
      text = text.replace(says, '');
    }
    const named = benches.filter((bench) => text.includes(`\`${bench}\``));
    assert.deepEqual(named.sort(), [...without].sort(), page);
  }
});

test('a figure that is another, rounded too far, or gone is told', () => {
  const quote: Quote = {
    page: 'a.md',
    says: /takes (.+)/,
    measured: /\| (.+)\/s/,
  };
  const of = (text: string, source: string) => difference(quote, text, source);
  assert.equal(of('takes 27,700', '| 27,700/s'), undefined);
  assert.equal(of('takes 1.23 million', '| 1,231,000/s'), undefined);
  assert.match(of('takes 1.18 million', '| 1,231,000/s')!, /a.md says 1.18 million .* 1,231,000/);
  assert.equal(of('takes 1.06 and 1.00', '| 1.06 and 1.00/s'), undefined);
  assert.match(of('takes 1.06', '| 1.06 and 1.00/s')!, /1.06 and 1.00/);
  assert.match(of('takes 1.06 and 1.02', '| 1.06 and 1.00/s')!, /1.02/);
  assert.match(of('takes 30,000', '| 27,700/s')!, /30,000/);
  assert.match(of('gives 27,700', '| 27,700/s')!, /a.md no longer has/);
  assert.match(of('takes 27,700', '| soon')!, /performance.md no longer has/);
});
