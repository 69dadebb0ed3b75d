import type { SettingValues } from '@hunt/engine';
import { createPlayerClient } from '@hunt/sdk';
import { slug } from '../crowd/bench-hunt.ts';
import { withTemporaryDirectory } from '../measure/temporary-directory.ts';
import { type Child, startChild } from './child.ts';

interface Listening {
  readonly port: number;
}

/** A server under load. */
export interface Server {
  readonly port: number;
  readonly pid: number;
  /** Tokens of players who have joined; the reference looks at none. */
  readonly tokens: readonly string[];
}

const joinsAtOnce = 32;

/** Runs `task` with an engine in a process of its own, with so many players. */
export function withEngine<Result>(
  players: number,
  task: (server: Server) => Promise<Result>,
  settings: SettingValues = {},
): Promise<Result> {
  return withTemporaryDirectory(async (directory) => {
    const script = new URL('./engine-server.ts', import.meta.url);
    const args = [script, directory, JSON.stringify(settings)];
    return using(await startChild<Listening>(args), async (child) => {
      const { port } = child.facts;
      return task({ port, pid: child.pid, tokens: await join(port, players) });
    });
  });
}

/** Runs `task` with the server that does nothing. */
export async function withReference<Result>(
  players: number,
  task: (server: Server) => Promise<Result>,
): Promise<Result> {
  const script = new URL('./reference-server.ts', import.meta.url);
  return using(await startChild<Listening>([script]), (child) => {
    // As long as real ones, so that the requests have the same size.
    const tokens = Array.from({ length: players }, () => `p1.${'A'.repeat(59)}`);
    return task({ port: child.facts.port, pid: child.pid, tokens });
  });
}

async function using<Result>(
  child: Child<Listening>,
  task: (child: Child<Listening>) => Promise<Result>,
): Promise<Result> {
  try {
    return await task(child);
  } finally {
    await child.stop();
  }
}

async function join(port: number, players: number): Promise<string[]> {
  const baseUrl = `http://127.0.0.1:${port}`;
  const tokens: string[] = [];
  for (let from = 0; from < players; from += joinsAtOnce) {
    const count = Math.min(joinsAtOnce, players - from);
    const joined = Array.from({ length: count }, async () => {
      const client = createPlayerClient({ baseUrl, hunt: slug });
      return (await client.join({ name: 'Bench' })).token;
    });
    tokens.push(...(await Promise.all(joined)));
  }
  return tokens;
}
