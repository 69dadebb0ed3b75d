import { LoadSession, type LoadSessionOptions } from '@hunt/load';
import type { LoadHunt } from '../load/load-hunt.ts';
import { withLoadServer } from '../load/load-server.ts';
import { ServerProbe } from './server-probe.ts';

export interface NewServerOptions {
  readonly hunt: LoadHunt;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly signal: AbortSignal;
}

/** A server that nothing was sent to yet. */
export interface NewServer {
  readonly probe: ServerProbe;
  /** Has players join, and keeps their connections until the task is over, or until it is closed. */
  readonly crowd: (
    size: Pick<LoadSessionOptions, 'players' | 'connections' | 'live'>,
  ) => Promise<LoadSession>;
}

/** A crowd whose rates are not limited: what the engine takes is asked, not what one player may. */
export const unlimitedPlayers = [
  'gateway.playerRatePerSecond=1000000',
  'gateway.playerBurst=1000000',
] as const;

/**
 * Runs a task against a server of its own on an empty directory. What was measured on one that something
 * else was measured on before is the dearer the later: it archives what is left, and collects more garbage. Throws what
 * `withLoadServer` and `LoadSession` throw.
 */
export function withNewServer<Result>(
  { hunt, env, signal }: NewServerOptions,
  task: (server: NewServer) => Promise<Result>,
): Promise<Result> {
  const where = { target: undefined, hunt, needsCodes: true, settings: unlimitedPlayers };
  return withLoadServer({ ...where, env, signal }, async ({ baseUrl, scanCodes, pid }) => {
    const sessions: LoadSession[] = [];
    try {
      return await task({
        probe: new ServerProbe(pid!, baseUrl),
        async crowd(size) {
          const opened = { baseUrl, scanCodes, hunt: hunt.definition, signal, ...size };
          const session = await LoadSession.open(opened);
          sessions.push(session);
          return session;
        },
      });
    } finally {
      await Promise.all(sessions.map((session) => session.close()));
    }
  });
}
