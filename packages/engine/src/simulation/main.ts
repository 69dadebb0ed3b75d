import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { runClusterSeed } from './run-cluster-seed.ts';
import { runSeed, type SeedFailure } from './run-seed.ts';
import { runSeeds, type WorldName } from './seed-pool.ts';

const usage = `Runs contests in simulated worlds full of faults and checks that no promise is broken.

  npm run sim -- --seeds N [--from S] [--threads T] [--json]   N seeds from S on (default 200 from 1)
  npm run sim -- --seed X [--json]                             one seed again, with what happened
  npm run sim:cluster -- …                                     the same with clusters of 1 to 64 nodes

Seeds that once failed, kept in seeds.json and cluster-seeds.json, are always run first. Exit status: 0 when every promise
was kept, 1 when one was broken, 2 for options that make no sense.
`;

function readOptions() {
  const { values } = parseArgs({
    options: {
      seeds: { type: 'string', default: '200' },
      from: { type: 'string', default: '1' },
      threads: { type: 'string', default: '2' },
      seed: { type: 'string' },
      json: { type: 'boolean', default: false },
      world: { type: 'string', default: 'contest' },
      help: { type: 'boolean', default: false },
    },
  });
  const whole = (name: 'seeds' | 'from' | 'threads', least: number) => {
    const value = Number(values[name]);
    if (!Number.isSafeInteger(value) || value < least) throw new Error(`--${name} ${values[name]}`);
    return value;
  };
  const seed = values.seed === undefined ? undefined : Number(values.seed);
  if (seed !== undefined && !Number.isSafeInteger(seed)) throw new Error(`--seed ${values.seed}`);
  const counts = { seeds: whole('seeds', 0), from: whole('from', 0), threads: whole('threads', 1) };
  const { json, help, world } = values;
  if (world !== 'contest' && world !== 'cluster') throw new Error(`--world ${world}`);
  return { ...counts, seed, json, help, world } as const;
}

function keptSeeds(world: WorldName): number[] {
  const file = world === 'cluster' ? './cluster-seeds.json' : './seeds.json';
  const text = readFileSync(new URL(file, import.meta.url), 'utf8');
  return (JSON.parse(text) as { seed: number }[]).map(({ seed }) => seed);
}

function printFailure(world: WorldName, { seed, message, plan }: SeedFailure): void {
  const script = world === 'cluster' ? 'sim:cluster' : 'sim';
  process.stdout.write(`seed ${seed} fails: ${message}\n${plan}\n`);
  process.stdout.write(`To see it again: npm run ${script} -- --seed ${seed}\n`);
}

async function replay(world: WorldName, seed: number, json: boolean): Promise<number> {
  const found = world === 'cluster' ? await runClusterSeed(seed, true) : await runSeed(seed, true);
  const failed = 'failure' in found;
  if (json) process.stdout.write(`${JSON.stringify(found)}\n`);
  else {
    const lines = failed ? found.failure.lines : found.lines;
    process.stdout.write(`${lines.join('\n')}\n`);
    if (failed) printFailure(world, found.failure);
    else {
      const end = 'end' in found.result ? found.result.end : 'healed';
      process.stdout.write(`seed ${seed} ${end}, trace ${found.result.traceHash}\n`);
    }
  }
  return failed ? 1 : 0;
}

async function runMany(
  world: WorldName,
  from: number,
  count: number,
  threads: number,
  json: boolean,
) {
  const fresh = Array.from({ length: count }, (_, index) => from + index);
  const seeds = [...new Set([...keptSeeds(world), ...fresh])];
  const totals = {
    seeds: 0,
    healed: 0,
    stopped: 0,
    starts: 0,
    owners: 0,
    records: 0,
    withdrawn: 0,
    refused: 0,
  };
  let failure: SeedFailure | undefined;
  const startedAt = performance.now();
  const showsProgress = process.stderr.isTTY && !json;
  await runSeeds(world, seeds, threads, (found) => {
    totals.seeds += 1;
    if ('failure' in found) {
      failure = found.failure;
      return 'stop';
    }
    const { result } = found;
    totals['end' in result ? result.end : 'healed'] += 1;
    if ('starts' in result) totals.starts += result.starts;
    else totals.owners += result.owners;
    totals.records += result.commands;
    totals.withdrawn += result.withdrawn;
    totals.refused += result.refused;
    if (showsProgress && totals.seeds % 10 === 0) {
      process.stderr.write(`\r${totals.seeds} of ${seeds.length} seeds`);
    }
    return 'go-on';
  });
  if (showsProgress) process.stderr.write('\r\x1b[K');
  const seconds = (performance.now() - startedAt) / 1_000;
  if (json) process.stdout.write(`${JSON.stringify({ ...totals, seconds, failure })}\n`);
  else if (failure) printFailure(world, failure);
  else {
    process.stdout.write(
      `${totals.seeds} seeds kept every promise: ${totals.healed} healed, ${totals.stopped} stopped at damage they named; ${world === 'cluster' ? `${totals.owners} changes of owner` : `${totals.starts} starts`}, ${totals.records} command records, ${totals.withdrawn} commands withdrawn and ${totals.refused} refused, ${seconds.toFixed(1)} s\n`,
    );
  }
  return failure ? 1 : 0;
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
  if (options.seed !== undefined) return replay(options.world, options.seed, options.json);
  return runMany(options.world, options.from, options.seeds, options.threads, options.json);
}

process.exitCode = await main();
