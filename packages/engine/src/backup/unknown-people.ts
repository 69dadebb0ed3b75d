import { type HuntTables, idFromHex, partitionOf } from '@hunt/rules';
import { identitySchema } from '../identity/sqlite/identity-tables.ts';
import { openSqliteFile, storeFailed } from '../sqlite/sqlite-file.ts';

export interface PeopleCount {
  readonly teams: number;
  readonly players: number;
}

/**
 * Removes who the log does not know: teams that came after the cut, and their players. A name that was left
 * would be taken for good, by nobody who plays.
 */
export class UnknownPeople {
  readonly #path: string;
  readonly #partitionCount: number;
  readonly #unknown: string[] = [];

  /** @param path of the database of who people are, which nobody else has open */
  constructor(path: string, partitionCount: number) {
    this.#path = path;
    this.#partitionCount = partitionCount;
  }

  /** Looks for those whose team belongs to this partition. Throws `engine-store-failed`, `engine-store-damaged`. */
  look(partition: number, tables: HuntTables): void {
    this.#with((database) => {
      const rows = database.prepare('SELECT team_id, hunt_id FROM teams').iterate();
      for (const { team_id, hunt_id } of rows) {
        const [team, hunt] = [idFromHex(String(team_id)), idFromHex(String(hunt_id))];
        if (!team || !hunt) continue;
        const home = partitionOf(this.#partitionCount, hunt.low, hunt.high, team.low, team.high);
        if (home !== partition) continue;
        const live = tables.findHunt(hunt.low, hunt.high);
        if (live === undefined || tables.findTeam(live, team.low, team.high) < 0) {
          this.#unknown.push(String(team_id));
        }
      }
    });
  }

  remove(): PeopleCount {
    let players = 0;
    this.#with((database) => {
      database.exec('PRAGMA secure_delete=ON; BEGIN IMMEDIATE');
      const player = database.prepare('DELETE FROM players WHERE team_id = ?');
      const team = database.prepare('DELETE FROM teams WHERE team_id = ?');
      for (const id of this.#unknown) {
        players += Number(player.run(id).changes);
        team.run(id);
      }
      database.exec('COMMIT');
    });
    return { teams: this.#unknown.length, players };
  }

  #with(work: (database: ReturnType<typeof openSqliteFile>) => void): void {
    const pragmas = { synchronous: 'FULL' };
    const database = openSqliteFile({
      ...{ path: this.#path, kind: 'hnid', version: 1, schema: identitySchema, pragmas },
    });
    try {
      work(database);
    } catch (error) {
      throw storeFailed(this.#path, error);
    } finally {
      database.close();
    }
  }
}
