import { createPlayerClient } from '@hunt/sdk';

export interface JoinOptions {
  readonly baseUrl: string;
  readonly hunt: string;
  /** Everybody plays alone, so that nobody names a team. */
  readonly isSolo: boolean;
  readonly players: number;
  /** Names of teams begin with it. */
  readonly runId: string;
  readonly signal?: AbortSignal | undefined;
  readonly onJoined?: (joined: number) => void;
}

const joinsAtOnce = 128;
/** A server that lets fifty join in a second is waited for. */
const attemptsMax = 100;

/** Has so many players join, a team each, as fast as the server lets them; returns their tokens. */
export async function joinPlayers(options: JoinOptions): Promise<string[]> {
  const { baseUrl, hunt, isSolo, players, runId, signal } = options;
  const tokens = new Array<string>(players);
  let [next, joined] = [0, 0];
  const joinSome = async () => {
    for (let player = next++; player < players; player = next++) {
      const client = createPlayerClient({ baseUrl, hunt, retry: { attemptsMax } });
      const team = isSolo ? {} : { team: { name: `${runId} ${player}` } };
      const request = { name: `Player ${player}`, ...team };
      tokens[player] = (await client.join(request, { signal })).token;
      joined += 1;
      options.onJoined?.(joined);
    }
  };
  await Promise.all(Array.from({ length: Math.min(joinsAtOnce, players) }, joinSome));
  return tokens;
}
