import { spawn } from 'node:child_process';
import { parseArgs } from 'node:util';
import { clusterMutants } from './cluster-mutants.ts';
import { mutants as contestMutants, type Mutant } from './mutants.ts';
import { PlantedCopy, plant, readSource } from './planted-copy.ts';

const usage = `Plants known bugs in a copy of the code, one at a time, and checks that the simulator finds each.

  npm run sim:mutants -- [--only NAME] [--world contest|cluster] [--seeds N] [--json]
                                      up to N seeds for each bug (default 3000)

Exit status: 0 when every bug was found, 1 when one was not, 2 for options that make no sense.
`;

const mutants = [...contestMutants, ...clusterMutants];

/** A simulator that has found nothing by then is taken not to find it. */
const timeoutMs = 180_000;
const parallel = 2;

interface Verdict {
  readonly mutant: Mutant;
  readonly caught: boolean;
  /** What found it, or why it was not found. */
  readonly by: string;
  /** The seed that found it. */
  readonly seed: number | undefined;
  readonly seeds: number;
  readonly seconds: number;
}

/** Runs the simulator of a copy; resolves with what it printed. */
function runSimulator(
  copy: PlantedCopy,
  { world = 'contest' }: Mutant,
  seeds: number,
): Promise<{ status: number | null; output: string }> {
  const options = ['--world', world, '--seeds', String(seeds), '--threads', '1', '--json'];
  const child = spawn(process.execPath, [copy.simulator, ...options], {
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: timeoutMs,
    killSignal: 'SIGKILL',
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (bytes: Buffer) => {
      output += bytes.toString('utf8');
    });
  }
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (status) => resolve({ status, output }));
  });
}

async function judge(copy: PlantedCopy, mutant: Mutant, seeds: number): Promise<Verdict> {
  const restore = copy.plant(mutant);
  const startedAt = performance.now();
  const { status, output } = await runSimulator(copy, mutant, seeds);
  restore();
  const seconds = (performance.now() - startedAt) / 1_000;
  const line = output.split('\n').find((text) => text.startsWith('{"seeds"'));
  if (status === null || line === undefined) {
    // Killed at the timeout, or the mutant does not even run: no promise was seen to break.
    const by = status === null ? 'never ends' : (output.trim().split('\n')[0] ?? '');
    return { mutant, caught: false, by, seed: undefined, seeds: 0, seconds };
  }
  const { seeds: run, failure } = JSON.parse(line) as {
    seeds: number;
    failure?: { seed: number; message: string };
  };
  const by = failure?.message.split('\n')[0]?.replace('SimulationFailure: ', '') ?? '';
  return { mutant, caught: failure !== undefined, by, seed: failure?.seed, seeds: run, seconds };
}

function print({ mutant, caught, by, seed, seeds, seconds }: Verdict): void {
  const found = caught ? 'caught' : 'MISSED';
  const first = seed === undefined ? '' : `, seed ${seed}`;
  const cost = `${seeds} seeds, ${seconds.toFixed(1)} s${first}`.padEnd(32);
  process.stdout.write(`${found}  ${mutant.name.padEnd(33)} ${cost}  ${by.slice(0, 100)}\n`);
}

async function judgeAll(
  chosen: readonly Mutant[],
  seeds: number,
  json: boolean,
): Promise<Verdict[]> {
  const verdicts: Verdict[] = [];
  const waiting = [...chosen];
  const work = async () => {
    const copy = new PlantedCopy();
    try {
      for (let mutant = waiting.shift(); mutant; mutant = waiting.shift()) {
        const verdict = await judge(copy, mutant, seeds);
        verdicts.push(verdict);
        if (!json) print(verdict);
      }
    } finally {
      copy.remove();
    }
  };
  await Promise.all(Array.from({ length: parallel }, work));
  return verdicts;
}

function readOptions() {
  const { values } = parseArgs({
    options: {
      only: { type: 'string' },
      seeds: { type: 'string', default: '3000' },
      world: { type: 'string' },
      json: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  const seeds = Number(values.seeds);
  if (!Number.isSafeInteger(seeds) || seeds < 1) throw new Error(`--seeds ${values.seeds}`);
  const chosen = mutants.filter(
    ({ name, world = 'contest' }) =>
      (values.only === undefined || name === values.only) &&
      (values.world === undefined || world === values.world),
  );
  if (chosen.length === 0) throw new Error(`--only ${values.only} --world ${values.world}`);
  return { seeds, chosen, json: values.json, help: values.help };
}

async function main(): Promise<number> {
  let options: ReturnType<typeof readOptions>;
  try {
    options = readOptions();
  } catch (error) {
    process.stderr.write(`${(error as Error).message}\n\n${usage}`);
    return 2;
  }
  if (options.help) {
    process.stdout.write(usage);
    return 0;
  }
  // All of them now, rather than the stale one after minutes.
  for (const mutant of mutants) plant(readSource(mutant.file), mutant);
  const verdicts = await judgeAll(options.chosen, options.seeds, options.json);
  const caught = verdicts.filter((verdict) => verdict.caught).length;
  if (options.json)
    process.stdout.write(`${JSON.stringify({ caught, of: verdicts.length, verdicts })}\n`);
  else process.stdout.write(`${caught} of ${verdicts.length} planted bugs were found\n`);
  return caught === verdicts.length ? 0 : 1;
}

process.exitCode = await main();
