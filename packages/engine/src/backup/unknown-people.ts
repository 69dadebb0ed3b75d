import { idFromHex, partitionOf } from '@hunt/rules';
import type { HuntTables } from '@hunt/rules/fold';
import { identitySchema } from '../identity/sqlite/identity-tables.ts';
import { openSqliteFile, sqliteFailed } from '../sqlite/sqlite-file.ts';

export interface PeopleCount {
  readonly teams: number;
  readonly players: number;
}

interface TeamKey {
  readonly team_id: string;
  readonly hunt_id: string;
}

/** So many teams are looked at at once. */
const pageRows = 10_000;

/**
 * Removes who the log does not know: teams that came after the cut, and their players. A name that was left
 * would be taken for good, by nobody who plays.
 */
export class UnknownPeople {
  readonly #path: string;
  readonly #partitionCount: number;
  #removed: PeopleCount = { teams: 0, players: 0 };

  /** @param path of the database of who people are, which nobody else has open */
  constructor(path: string, partitionCount: number) {
    this.#path = path;
    this.#partitionCount = partitionCount;
  }

  get removed(): PeopleCount {
    return this.#removed;
  }

  /** Removes those whose team belongs to this partition. Throws `engine-store-failed`, `engine-store-damaged`. */
  remove(partition: number, tables: HuntTables): void {
    const pragmas = { synchronous: 'FULL', secure_delete: 'ON' };
    const database = openSqliteFile({
      ...{ path: this.#path, kind: 'hnid', version: 1, schema: identitySchema, pragmas },
    });
    try {
      const page = database.prepare(
        'SELECT team_id, hunt_id FROM teams WHERE team_id > ? ORDER BY team_id LIMIT ?',
      );
      const player = database.prepare('DELETE FROM players WHERE team_id = ?');
      const team = database.prepare('DELETE FROM teams WHERE team_id = ?');
      let { teams, players } = this.#removed;
      database.exec('BEGIN IMMEDIATE');
      for (let after = '', isLast = false; !isLast; ) {
        const rows = page.all(after, pageRows) as unknown as TeamKey[];
        for (const { team_id, hunt_id } of rows) {
          if (!this.#isUnknown(partition, tables, team_id, hunt_id)) continue;
          players += Number(player.run(team_id).changes);
          teams += Number(team.run(team_id).changes);
        }
        isLast = rows.length < pageRows;
        after = rows.at(-1)?.team_id ?? '';
      }
      database.exec('COMMIT');
      this.#removed = { teams, players };
    } catch (error) {
      throw sqliteFailed(this.#path, error);
    } finally {
      database.close();
    }
  }

  #isUnknown(partition: number, tables: HuntTables, teamId: string, huntId: string): boolean {
    const [team, hunt] = [idFromHex(teamId), idFromHex(huntId)];
    if (!team || !hunt) return false;
    const home = partitionOf(this.#partitionCount, hunt.low, hunt.high, team.low, team.high);
    if (home !== partition) return false;
    const live = tables.findHunt(hunt.low, hunt.high);
    return live === undefined || tables.findTeam(live, team.low, team.high) < 0;
  }
}
