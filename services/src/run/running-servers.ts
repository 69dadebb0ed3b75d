import type { ServerGroup } from './server-group.ts';

const answerTimeoutMs = 5_000;

/** Servers for a test, and what a test does to them. A server is named by its index from 0. */
export interface RunningServers {
  /** Of those of ours that run; empty for servers that the environment gives. */
  readonly pids: number[];
  /** Holds their data and logs; empty for servers that the environment gives. */
  readonly directory: string;
  /** SIGKILL; resolves when the process is gone. Its data stay for `restart`. */
  kill(index?: number): Promise<void>;
  /** SIGSTOP: its connections stay open, nothing answers. */
  freeze(index?: number): void;
  /** SIGCONT after `freeze`. */
  wake(index?: number): void;
  /** Starts it again on the same port and data, killing it first if it runs; waits for its answer. */
  restart(index?: number): Promise<void>;
  /** Ends all and removes their data. Repeating it is harmless. */
  stop(): Promise<void>;
}

export function startedServers(group: ServerGroup): RunningServers {
  return {
    get pids() {
      return group.pids;
    },
    directory: group.directory,
    kill: async (index = 0) => group.server(index).kill(),
    freeze: (index = 0) => group.server(index).freeze(),
    wake: (index = 0) => group.server(index).wake(),
    restart: (index = 0) => group.restart(index),
    stop: () => group.stop(),
  };
}

/**
 * Servers that somebody else runs: each has to answer, and is not ours to end. What would end one
 * throws; `stop` does nothing.
 */
export async function givenServers(
  service: string,
  addresses: readonly string[],
  probe: (address: string, signal: AbortSignal) => Promise<void>,
): Promise<RunningServers> {
  for (const address of addresses) {
    try {
      await probe(address, AbortSignal.timeout(answerTimeoutMs));
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      throw new Error(
        `no ${service} answers at ${address}, which the environment gives: ${reason}`,
      );
    }
  }
  const refuse = (): never => {
    throw new Error(
      `the ${service} at ${addresses.join(', ')} was given by the environment and is not ours to ` +
        'stop: start an own one with { own: true }, or leave the address out',
    );
  };
  return {
    pids: [],
    directory: '',
    kill: async () => refuse(),
    freeze: refuse,
    wake: refuse,
    restart: async () => refuse(),
    stop: async () => undefined,
  };
}
