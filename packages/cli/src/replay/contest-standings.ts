import type { OrganiserClient } from '@hunt/sdk';
import type { RankedTeam } from '../standings/standings-file.ts';
import { persist, type ReplayTarget } from './replay-target.ts';

/** Standings follow the decisions, a little later; this is how long they are waited for. */
const attemptsMax = 200;

/**
 * The standings of the contest's teams once they show all `solved` acknowledged solutions; as they
 * are when that takes longer than a few seconds.
 */
export async function contestStandings(
  target: ReplayTarget,
  signal: AbortSignal,
  hunt: string,
  namesById: ReadonlyMap<string, string>,
  solved: number,
): Promise<RankedTeam[]> {
  for (let attempt = 1; ; attempt++) {
    const rows = await persist(target, signal, (client) => contestRows(client, hunt, namesById));
    const seen = rows.reduce((sum, row) => sum + row.solved, 0);
    if ((seen >= solved && rows.length === namesById.size) || attempt === attemptsMax) return rows;
    await target.pause(1);
  }
}

async function contestRows(
  client: OrganiserClient,
  hunt: string,
  namesById: ReadonlyMap<string, string>,
): Promise<(RankedTeam & { readonly solved: number })[]> {
  const rows: (RankedTeam & { readonly solved: number })[] = [];
  for await (const row of client.allStandings(hunt)) {
    const name = namesById.get(row.team);
    if (name !== undefined) rows.push({ ...row, name });
  }
  return rows;
}
