/** Who was asked to stop is gone by then; the servers and nodes end with this process. */
const stopTimeoutMs = 30_000;

/** What a command that takes minutes is given. */
export interface LongCommand {
  /** Tells people what goes on, with the time; what is parsed is one line on the other stream. */
  readonly say: (what: string) => void;
  /** Aborts at the first interruption. */
  readonly signal: AbortSignal;
}

/** Runs it, and ends the process: with 1 when it throws, or says that something was found. */
export async function runLongCommand(
  main: (command: LongCommand) => Promise<{ readonly isClean: boolean }>,
): Promise<never> {
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
    const { isClean } = await main({ say, signal: interruption.signal });
    if (!isClean) process.exitCode = 1;
  } catch (error) {
    console.error((error as Error).message);
    process.exitCode = 1;
  }
  // Clients of servers that are gone may keep sockets and timers: whoever waits for us must not wait for them.
  process.exit();
}

/** A report for people: a member a line. */
export function tableOf(report: object): string {
  return Object.entries(report)
    .map(([name, value]) => {
      const text = typeof value === 'object' ? JSON.stringify(value) : String(value);
      return `${name.padEnd(24)} ${text}`;
    })
    .join('\n');
}
