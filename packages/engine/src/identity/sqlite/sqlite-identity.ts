import { createHash, randomBytes } from 'node:crypto';
import type { DatabaseSync } from 'node:sqlite';
import { engineErrors } from '../../errors.ts';
import { openSqliteFile } from '../../sqlite/sqlite-file.ts';
import type { Identity, PlayerRecord, Scope, TeamRecord } from '../identity.ts';
import { nameKey, shownName } from '../name.ts';
import {
  isOrganiserKey,
  newId,
  newJoinCode,
  newOrganiserKey,
  parseJoinCode,
  type RandomBytes,
} from '../random-texts.ts';
import { RecentMap } from '../recent-map.ts';
import { CommitGroup } from './commit-group.ts';
import { IdentityTables, identitySchema, type TeamRow } from './identity-tables.ts';

export interface SqliteIdentityOptions {
  readonly path: string;
  /** Runs a task after what is queued in this turn; default `setImmediate`. See `Clock.defer`. */
  readonly defer?: (task: () => void) => void;
  readonly random?: RandomBytes;
  /** How many names, teams by name and organiser keys are remembered, each. Default 100,000. */
  readonly cacheMaxEntries?: number;
}

/** With 64 random bits a second try is a rarity and a tenth means that the source is broken. */
const maxTries = 10;

/**
 * Identity in one SQLite file. Commits sync the disk on the caller's thread, once per turn at most.
 * Throws `engine-name-invalid`, `engine-team-unknown`, `engine-store-failed`, `engine-store-damaged`,
 * `engine-store-version`.
 */
export class SqliteIdentity implements Identity {
  readonly #database: DatabaseSync;
  readonly #tables: IdentityTables;
  readonly #group: CommitGroup;
  readonly #random: RandomBytes;
  readonly #path: string;
  readonly #names: RecentMap<string>;
  readonly #teams: RecentMap<TeamRecord>;
  readonly #keys: RecentMap<readonly Scope[]>;

  constructor(options: SqliteIdentityOptions) {
    this.#path = options.path;
    this.#random = options.random ?? randomBytes;
    this.#database = openSqliteFile({
      path: options.path,
      kind: 'hnid',
      version: 1,
      schema: identitySchema,
      // FULL: what a call promised is durable when it returns. Deleted names are overwritten with zeros.
      pragmas: {
        journal_mode: 'WAL',
        synchronous: 'FULL',
        secure_delete: 'ON',
        busy_timeout: 5000,
      },
    });
    this.#tables = new IdentityTables(this.#database);
    const defer = options.defer ?? ((task) => void setImmediate(task));
    this.#group = new CommitGroup(this.#database, options.path, defer);
    const cacheMaxEntries = options.cacheMaxEntries ?? 100_000;
    this.#names = new RecentMap(cacheMaxEntries);
    this.#teams = new RecentMap(cacheMaxEntries);
    this.#keys = new RecentMap(cacheMaxEntries);
  }

  async teamNamed(huntId: string, name: string): Promise<TeamRecord & { created: boolean }> {
    const key = huntId + name;
    const known = this.#teams.get(key);
    if (known) return { ...known, created: false };
    const team = await this.#group.write(() => this.#findOrMakeTeam(huntId, shownName(name)));
    this.#teams.set(key, recordOf(team));
    return { ...recordOf(team), created: team.created };
  }

  async teamsNamed(huntId: string, names: readonly string[]): Promise<readonly TeamRecord[]> {
    const known = names.map((name) => this.#teams.get(huntId + name));
    if (known.every((team) => team !== undefined)) return known;
    const rows = await this.#group.write(() =>
      names.map((name) => this.#findOrMakeTeam(huntId, shownName(name))),
    );
    return rows.map((row, index) => {
      const team = recordOf(row);
      this.#teams.set(huntId + names[index]!, team);
      return team;
    });
  }

  async teamByJoinCode(huntId: string, joinCode: string): Promise<TeamRecord | undefined> {
    const code = parseJoinCode(joinCode);
    if (code === undefined) return undefined;
    const row = await this.#group.read(() => this.#tables.teamByJoinCode(huntId, code));
    return row && recordOf(row);
  }

  async createSoloPlayer(huntId: string, name: string): Promise<PlayerRecord> {
    const shown = shownName(name);
    return this.#group.write(() => {
      const playerId = this.#tryIds((id) => {
        const team = { hunt_id: huntId, name: shown, name_key: null, join_code: null };
        return (
          !this.#tables.hasPlayer(id) &&
          this.#tables.insertTeam({ team_id: id, ...team }) &&
          this.#tables.insertPlayer(id, huntId, id, shown)
        );
      });
      return { playerId, teamId: playerId };
    });
  }

  async createPlayer(huntId: string, name: string, teamId: string): Promise<PlayerRecord> {
    const shown = shownName(name);
    return this.#group.write(() => {
      if (this.#tables.teamById(huntId, teamId) === undefined) {
        throw engineErrors.create('engine-team-unknown', { team: teamId });
      }
      const playerId = this.#tryIds((id) => this.#tables.insertPlayer(id, huntId, teamId, shown));
      return { playerId, teamId };
    });
  }

  async teamNames(
    huntId: string,
    teamIds: readonly string[],
  ): Promise<ReadonlyMap<string, string>> {
    const names = new Map<string, string>();
    const unknown: string[] = [];
    for (const teamId of teamIds) {
      const name = this.#names.get(huntId + teamId);
      if (name === undefined) unknown.push(teamId);
      else names.set(teamId, name);
    }
    if (unknown.length === 0) return names;
    const rows = await this.#group.read(() =>
      unknown.map((teamId) => this.#tables.teamById(huntId, teamId)),
    );
    for (const row of rows) {
      if (row === undefined) continue;
      names.set(row.team_id, row.name);
      this.#names.set(huntId + row.team_id, row.name);
    }
    return names;
  }

  async erasePlayer(huntId: string, playerId: string): Promise<boolean> {
    const erased = await this.#group.write(() => {
      const teamId = this.#tables.teamOfPlayer(huntId, playerId);
      if (teamId === undefined) return false;
      this.#tables.deletePlayer(playerId, teamId);
      this.#group.emptyJournalAfterCommit();
      return true;
    });
    if (erased) {
      this.#names.clear();
      this.#teams.clear();
    }
    return erased;
  }

  async createOrganiserKey(label: string, scopes: readonly Scope[]): Promise<string> {
    const shown = shownName(label);
    const key = newOrganiserKey(this.#random);
    await this.#group.write(() => this.#tables.insertKey(hashOf(key), shown, scopes.join(' ')));
    return key;
  }

  async organiserScopes(key: string): Promise<readonly Scope[] | undefined> {
    if (!isOrganiserKey(key)) return undefined;
    // Looked up by hash: how long that takes says nothing about keys, and no key stays in memory.
    const hash = hashOf(key);
    const cached = this.#keys.get(hash.toString('latin1'));
    if (cached) return cached;
    const stored = await this.#group.read(() => this.#tables.scopesOfKey(hash));
    if (stored === undefined) return undefined;
    const scopes = stored.split(' ').filter((scope) => scope !== '') as Scope[];
    this.#keys.set(hash.toString('latin1'), scopes);
    return scopes;
  }

  async close(): Promise<void> {
    this.#group.close();
  }

  #findOrMakeTeam(huntId: string, name: string): TeamRow & { created: boolean } {
    const key = nameKey(name);
    const found = this.#tables.teamByName(huntId, key);
    if (found) return { ...found, created: false };
    let made: TeamRow | undefined;
    this.#tryIds((id) => {
      const join_code = newJoinCode(this.#random);
      made = { team_id: id, hunt_id: huntId, name, name_key: key, join_code };
      return this.#tables.insertTeam(made);
    });
    return { ...made!, created: true };
  }

  /** Tries fresh ids until one is free; returns it. */
  #tryIds(insert: (id: string) => boolean): string {
    for (let tries = 0; tries < maxTries; tries++) {
      const id = newId(this.#random);
      if (insert(id)) return id;
    }
    const reason = `no free id in ${maxTries} tries; the source of randomness repeats itself`;
    throw engineErrors.create('engine-store-failed', { file: this.#path, reason });
  }
}

function recordOf(row: TeamRow): TeamRecord {
  const { team_id: teamId, name, join_code: joinCode } = row;
  return joinCode === null ? { teamId, name } : { teamId, name, joinCode };
}

function hashOf(key: string): Buffer {
  return createHash('sha256').update(key, 'latin1').digest();
}
