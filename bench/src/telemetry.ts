import { processorSettings, startProcessors } from '@hunt/engine';
import { type BenchResult, defineBench, median, rounded } from './bench.ts';
import { benchHunt } from './crowd/bench-hunt.ts';
import { CommandFeeder } from './crowd/command-feeder.ts';
import { contestCommands } from './crowd/contest-commands.ts';
import { withTemporaryDirectory } from './measure/temporary-directory.ts';

const sizes = {
  commands: 4_000_000,
  warmUp: 600_000,
  batch: 1_000,
  smallBatch: 10,
  partitions: 2,
  slices: 20,
};
type TelemetrySizes = typeof sizes;

/** Of the time of a command, what measuring it may take. */
const costMax = 0.02;

export const telemetry = defineBench({
  name: 'telemetry',
  summary: 'Processor time of a decided command with everything measured, and with nothing',
  atLeast: 'at most 1.02 × the time without',
  sizes,
  async run(sizes, runs): Promise<BenchResult> {
    const pairs: Pair[] = [];
    for (let run = 0; run < runs; run++) pairs.push(...(await measurePairs(sizes, run)));
    const small = await measurePairs(
      {
        ...sizes,
        batch: sizes.smallBatch,
        commands: Math.ceil(sizes.commands / 10),
        warmUp: Math.ceil(sizes.warmUp / 4),
      },
      0,
    );
    const value = median(pairs.map(({ measured }) => measured.cpu));
    const referenceValue = median(pairs.map(({ bare }) => bare.cpu));
    const ratio = ratioOf(pairs, 'cpu');
    return {
      name: 'telemetry',
      value: rounded(value),
      unit: 'processor µs/command',
      reference: 'the same processors that measure nothing',
      referenceValue: rounded(referenceValue),
      ratio: rounded(ratio),
      met: ratio <= 1 + costMax,
      costPercent: rounded((ratio - 1) * 100),
      costQuartilesPercent: quartiles(pairs),
      commandsPerSecond: Math.round(median(pairs.map(({ measured }) => measured.perSecond))),
      rateRatio: rounded(ratioOf(pairs, 'perSecond')),
      ratioByBatch: {
        [sizes.batch]: rounded(ratio),
        [sizes.smallBatch]: rounded(ratioOf(small, 'cpu')),
      },
    };
  },
});

interface Slice {
  readonly perSecond: number;
  /** Microseconds of processor time for a command, on all threads. */
  readonly cpu: number;
}

/** Two slices, one right after the other. */
interface Pair {
  readonly measured: Slice;
  readonly bare: Slice;
}

/** The median of neighbours: what else the machine does meets both of a pair alike. */
function ratioOf(pairs: readonly Pair[], of: keyof Slice): number {
  return median(pairs.map(({ measured, bare }) => measured[of] / bare[of]));
}

function quartiles(pairs: readonly Pair[]): number[] {
  const costs = pairs.map(({ measured, bare }) => (measured.cpu / bare.cpu - 1) * 100);
  costs.sort((one, other) => one - other);
  return [0.25, 0.5, 0.75].map((share) => rounded(costs[Math.floor(share * (costs.length - 1))]!));
}

/** Both are there all the time and fed in turn, a slice each; who begins alternates, within a run and between runs. */
function measurePairs(sizes: TelemetrySizes, run: number): Promise<Pair[]> {
  return withTemporaryDirectory((one) =>
    withTemporaryDirectory(async (other) => {
      const isMeasuredFirst = run % 2 === 0;
      const started = await Contest.start(one, sizes, isMeasuredFirst);
      const next = await Contest.start(other, sizes, !isMeasuredFirst);
      const [measured, bare] = isMeasuredFirst ? [started, next] : [next, started];
      try {
        const pairs: Pair[] = [];
        const commands = Math.ceil(sizes.commands / sizes.slices / 2);
        for (let slice = 0; slice < sizes.slices; slice++) {
          const first = slice % 2 === 0 ? measured : bare;
          const second = first === measured ? bare : measured;
          const [one, other] = [await first.slice(commands), await second.slice(commands)];
          pairs.push(
            first === measured ? { measured: one, bare: other } : { measured: other, bare: one },
          );
        }
        return pairs;
      } finally {
        await started.close();
        await next.close();
      }
    }),
  );
}

class Contest {
  readonly #feeder: CommandFeeder;
  readonly #next: ReturnType<typeof contestCommands>;
  readonly close: () => Promise<void>;

  private constructor(
    feeder: CommandFeeder,
    next: ReturnType<typeof contestCommands>,
    close: () => Promise<void>,
  ) {
    this.#feeder = feeder;
    this.#next = next;
    this.close = close;
  }

  static async start(
    directory: string,
    { batch, partitions, warmUp }: TelemetrySizes,
    isMeasured: boolean,
  ): Promise<Contest> {
    const settings = { ...processorSettings({}), partitions };
    const client = await startProcessors(directory, settings, { isMeasured });
    const definition = benchHunt();
    const feeder = new CommandFeeder(client, batch);
    const next = contestCommands(definition);
    await feeder.publish(definition);
    await feeder.feed(warmUp, next);
    await feeder.drained();
    return new Contest(feeder, next, () => client.close());
  }

  async slice(commands: number): Promise<Slice> {
    const cpuBefore = process.cpuUsage();
    const start = performance.now();
    await this.#feeder.feed(commands, this.#next);
    await this.#feeder.drained();
    const seconds = (performance.now() - start) / 1_000;
    const { user, system } = process.cpuUsage(cpuBefore);
    return { perSecond: commands / seconds, cpu: (user + system) / commands };
  }
}
