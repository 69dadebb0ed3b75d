import { randomInt } from 'node:crypto';

/** Who was asked to stop is gone by then; the servers and nodes end with this process. */
const stopTimeoutMs = 30_000;

/** What a command that takes minutes is given. */
interface LongCommand {
  /** Tells people what goes on, with the time; what is parsed is one line on the other stream. */
  readonly say: (what: string) => void;
  /** Aborts at the first interruption. */
  readonly signal: AbortSignal;
}

/** What all of them take. */
interface LongFlags {
  /** How long it goes on, besides the start and the end. */
  readonly minutes: number;
  readonly seed: number;
  readonly json: boolean;
  readonly help: boolean;
}

export interface LongProgram<Flags extends LongFlags, Report extends object> {
  /** `npm run NAME`. */
  readonly name: string;
  readonly help: string;
  readonly parse: (argv: readonly string[], drawSeed: () => number) => Flags;
  /** Why it cannot run here. */
  readonly missing: string | undefined;
  /** Measured with the flags' defaults. */
  readonly memoryGiB: number;
  readonly run: (options: Flags & LongCommand) => Promise<Report>;
  /** Nothing was found. */
  readonly isClean: (report: Report) => boolean;
}

/** To start, to be patient at the end, and to prove. */
const besidesMinutes = 3;

/** Runs it, and ends the process: with 1 when it throws, or something was found; with 2 for flags that make no sense. */
export async function runLongCommand<Flags extends LongFlags, Report extends object>(
  program: LongProgram<Flags, Report>,
): Promise<never> {
  const flags = flagsOf(program);
  const startedAt = performance.now();
  const say = (what: string) => {
    const seconds = ((performance.now() - startedAt) / 1_000).toFixed(0);
    console.error(`${seconds.padStart(4)} s  ${what}`);
  };
  const interruption = new AbortController();
  for (const name of ['SIGINT', 'SIGTERM'] as const) {
    process.once(name, () => {
      interruption.abort(new Error('interrupted; all is being stopped'));
      setTimeout(() => process.exit(1), stopTimeoutMs).unref();
    });
  }
  try {
    const isClean = await runProgram(program, flags, { say, signal: interruption.signal });
    if (!isClean) process.exitCode = 1;
  } catch (error) {
    console.error((error as Error).message);
    process.exitCode = 1;
  }
  // Clients of servers that are gone may keep sockets and timers: whoever waits for us must not wait for them.
  process.exit();
}

/** Ends the process where nothing is to be run. */
function flagsOf<Flags extends LongFlags, Report extends object>({
  help,
  parse,
}: LongProgram<Flags, Report>): Flags {
  try {
    const flags = parse(process.argv.slice(2), () => randomInt(2 ** 31));
    if (!flags.help) return flags;
    console.log(help);
  } catch (error) {
    console.error(`${(error as Error).message}\n\n${help}`);
    process.exit(2);
  }
  process.exit(0);
}

async function runProgram<Flags extends LongFlags, Report extends object>(
  { name, missing, memoryGiB, run, isClean }: LongProgram<Flags, Report>,
  flags: Flags,
  command: LongCommand,
): Promise<boolean> {
  if (missing !== undefined) throw new Error(`${missing}; see docs/services.md`);
  const minutes = (flags.minutes + besidesMinutes).toFixed(0);
  console.error(
    `Takes about ${memoryGiB} GiB of memory, both cores of a small machine, and ${minutes} minutes or a few more.`,
  );
  console.error(`Again: npm run ${name} -- --minutes ${flags.minutes} --seed ${flags.seed}`);
  const report = await run({ ...flags, ...command });
  console.log(flags.json ? JSON.stringify(report) : tableOf(report));
  return isClean(report);
}

/** A report for people: a member a line. */
function tableOf(report: object): string {
  return Object.entries(report)
    .map(([name, value]) => {
      const text = typeof value === 'object' ? JSON.stringify(value) : String(value);
      return `${name.padEnd(24)} ${text}`;
    })
    .join('\n');
}
