import { parseArgs } from 'node:util';
import type { Bench, BenchResult } from './bench.ts';

/** What `npm run bench` says by itself. */
export function list(benches: readonly Bench[]): string {
  const width = Math.max(...benches.map(({ name }) => name.length));
  const lines = benches.map(({ name, summary, atLeast }) => {
    return `  ${name.padEnd(width)}  ${summary}; at least ${atLeast}`;
  });
  return [
    'npm run bench -- NAME [--json] [--runs N] [--SIZE N]',
    '',
    ...lines,
    '',
    'Each bench has sizes of its own: npm run bench -- NAME --help',
  ].join('\n');
}

export function help({ summary, atLeast, sizes }: Bench): string {
  const lines = Object.entries(sizes).map(([key, value]) => `  --${key} ${value}`);
  return [`${summary}; at least ${atLeast}.`, '', ...lines].join('\n');
}

/** Flags of a bench: its sizes, `--runs`, `--json` and `--help`. Throws for any other. */
export function parse(bench: Bench, args: string[]) {
  const numbers = { ...bench.sizes, runs: 1 };
  const { values } = parseArgs({
    args,
    options: {
      json: { type: 'boolean' },
      help: { type: 'boolean' },
      ...Object.fromEntries(Object.keys(numbers).map((key) => [key, { type: 'string' }] as const)),
    },
  }) as { values: Record<string, string | boolean | undefined> };
  const given = Object.entries(numbers).map(([key, value]) => {
    const number = values[key] === undefined ? value : Number(values[key]);
    if (!Number.isInteger(number) || number < 0) throw new Error(`--${key} is a whole number`);
    return [key, number] as const;
  });
  const { runs, ...sizes } = Object.fromEntries(given);
  return { sizes, runs: Math.max(1, runs!), json: values['json'], help: values['help'] };
}

/** A result for people, a member a line. */
export function table(result: BenchResult): string {
  return Object.entries(result)
    .map(([key, value]) => {
      const text = typeof value === 'object' ? JSON.stringify(value) : String(value);
      return `${key.padEnd(20)} ${text}`;
    })
    .join('\n');
}
