import type { OrganiserClient } from '@hunt/sdk';
import type { RankedTeam } from '../standings/standings-file.ts';

/** Standings follow the decisions, a little later; this is how long they are waited for. */
const attemptsMax = 100;
const pauseMs = 50;

/**
 * The standings of the contest's teams once they show all `solved` acknowledged solutions; as they
 * are when that takes longer than a few seconds.
 */
export async function contestStandings(
  client: OrganiserClient,
  hunt: string,
  namesById: ReadonlyMap<string, string>,
  solved: number,
): Promise<RankedTeam[]> {
  for (let attempt = 1; ; attempt++) {
    const rows: RankedTeam[] = [];
    let seen = 0;
    for await (const row of client.allStandings(hunt)) {
      const name = namesById.get(row.team);
      if (name === undefined) continue;
      rows.push({ ...row, name });
      seen += row.solved;
    }
    if ((seen >= solved && rows.length === namesById.size) || attempt === attemptsMax) return rows;
    await new Promise((done) => setTimeout(done, pauseMs));
  }
}
