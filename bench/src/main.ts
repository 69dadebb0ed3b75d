import { benches } from './benches.ts';
import { help, list, parse, table } from './command-line.ts';

/* npm run bench -- NAME [--json] [--runs N] */

async function main([name, ...args]: string[]): Promise<void> {
  if (name === undefined) return console.log(list(benches));
  const bench = benches.find((one) => one.name === name);
  if (bench === undefined) throw new Error(`there is no bench "${name}"\n\n${list(benches)}`);
  const flags = parse(bench, args);
  if (flags.help) return console.log(help(bench));
  const result = await bench.run(flags.sizes, flags.runs);
  console.log(flags.json ? JSON.stringify(result) : table(result));
}

try {
  await main(process.argv.slice(2));
} catch (error) {
  console.error((error as Error).message);
  process.exitCode = 1;
}
