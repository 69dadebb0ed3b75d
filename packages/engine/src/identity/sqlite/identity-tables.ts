import type { DatabaseSync } from 'node:sqlite';

/** Ids are 16 hexadecimal digits. A solo player's team has no `name_key`: only teams have unique names. */
export const identitySchema = `
  CREATE TABLE teams (
    team_id TEXT PRIMARY KEY, hunt_id TEXT NOT NULL, name TEXT NOT NULL, name_key TEXT, join_code TEXT
  ) STRICT, WITHOUT ROWID;
  CREATE UNIQUE INDEX teams_by_name ON teams (hunt_id, name_key) WHERE name_key IS NOT NULL;
  CREATE UNIQUE INDEX teams_by_join_code ON teams (hunt_id, join_code) WHERE join_code IS NOT NULL;
  CREATE TABLE players (
    player_id TEXT PRIMARY KEY, hunt_id TEXT NOT NULL, team_id TEXT NOT NULL, name TEXT NOT NULL
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX players_by_team ON players (team_id);
  CREATE TABLE organiser_keys (
    hash BLOB PRIMARY KEY, label TEXT NOT NULL, scopes TEXT NOT NULL
  ) STRICT, WITHOUT ROWID`;

export interface TeamRow {
  readonly team_id: string;
  readonly hunt_id: string;
  readonly name: string;
  readonly name_key: string | null;
  readonly join_code: string | null;
}

interface PlayerRow {
  readonly team_id: string;
  readonly name: string;
}

/** The statements of the identity store. The `insert…` ones say false when the id or code is taken. */
export class IdentityTables {
  readonly #teamByName;
  readonly #teamByJoinCode;
  readonly #teamById;
  readonly #insertTeam;
  readonly #insertPlayer;
  readonly #playerById;
  readonly #deletePlayer;
  readonly #deleteEmptyTeam;
  readonly #insertKey;
  readonly #keyByHash;

  constructor(database: DatabaseSync) {
    const team = 'SELECT team_id, hunt_id, name, name_key, join_code FROM teams WHERE';
    this.#teamByName = database.prepare(`${team} hunt_id = ? AND name_key = ?`);
    this.#teamByJoinCode = database.prepare(`${team} hunt_id = ? AND join_code = ?`);
    this.#teamById = database.prepare(`${team} team_id = ?`);
    this.#insertTeam = database.prepare('INSERT OR IGNORE INTO teams VALUES (?, ?, ?, ?, ?)');
    this.#insertPlayer = database.prepare('INSERT OR IGNORE INTO players VALUES (?, ?, ?, ?)');
    this.#playerById = database.prepare(
      'SELECT hunt_id, team_id, name FROM players WHERE player_id = ?',
    );
    this.#deletePlayer = database.prepare('DELETE FROM players WHERE player_id = ?');
    this.#deleteEmptyTeam = database.prepare(
      `DELETE FROM teams WHERE team_id = ?1
       AND NOT EXISTS (SELECT 1 FROM players WHERE team_id = ?1)`,
    );
    this.#insertKey = database.prepare('INSERT INTO organiser_keys VALUES (?, ?, ?)');
    this.#keyByHash = database.prepare('SELECT scopes FROM organiser_keys WHERE hash = ?');
  }

  teamByName(huntId: string, nameKey: string): TeamRow | undefined {
    return this.#teamByName.get(huntId, nameKey) as TeamRow | undefined;
  }

  teamByJoinCode(huntId: string, joinCode: string): TeamRow | undefined {
    return this.#teamByJoinCode.get(huntId, joinCode) as TeamRow | undefined;
  }

  teamById(huntId: string, teamId: string): TeamRow | undefined {
    const row = this.#teamById.get(teamId) as TeamRow | undefined;
    return row?.hunt_id === huntId ? row : undefined;
  }

  insertTeam(row: TeamRow): boolean {
    const { team_id, hunt_id, name, name_key, join_code } = row;
    return this.#insertTeam.run(team_id, hunt_id, name, name_key, join_code).changes === 1;
  }

  insertPlayer(playerId: string, huntId: string, teamId: string, name: string): boolean {
    return this.#insertPlayer.run(playerId, huntId, teamId, name).changes === 1;
  }

  /** A player of this hunt. */
  player(huntId: string, playerId: string): PlayerRow | undefined {
    const row = this.#playerById.get(playerId) as (PlayerRow & { hunt_id: string }) | undefined;
    return row?.hunt_id === huntId ? row : undefined;
  }

  hasPlayer(playerId: string): boolean {
    return this.#playerById.get(playerId) !== undefined;
  }

  /** Deletes a player, and the team when nobody is left in it: its name was theirs. */
  deletePlayer(playerId: string, teamId: string): void {
    this.#deletePlayer.run(playerId);
    this.#deleteEmptyTeam.run(teamId);
  }

  insertKey(hash: Uint8Array, label: string, scopes: string): void {
    this.#insertKey.run(hash, label, scopes);
  }

  scopesOfKey(hash: Uint8Array): string | undefined {
    return this.#keyByHash.get(hash)?.['scopes'] as string | undefined;
  }
}
