import { benches } from './benches.ts';
import { help, list, parse, table } from './command-line.ts';

/* npm run bench -- NAME [--json] [--runs N] */

async function main([name, ...args]: string[]): Promise<void> {
  if (name === undefined || name === '--help') return console.log(list(benches));
  const bench = benches.find((one) => one.name === name);
  if (bench === undefined) return refuse(`there is no bench "${name}"\n\n${list(benches)}`);
  let flags: ReturnType<typeof parse>;
  try {
    flags = parse(bench, args);
  } catch (error) {
    return refuse(`${(error as Error).message}\n\n${help(bench)}`);
  }
  if (flags.help) return console.log(help(bench));
  const result = await bench.run(flags.sizes, flags.runs);
  console.log(flags.json ? JSON.stringify(result) : table(result));
}

/** Nothing was measured. */
function refuse(reason: string): void {
  console.error(reason);
  process.exitCode = 2;
}

try {
  await main(process.argv.slice(2));
} catch (error) {
  console.error((error as Error).message);
  process.exitCode = 1;
}
