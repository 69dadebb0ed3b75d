import { createHash, randomBytes } from 'node:crypto';
import type { DatabaseSync } from 'node:sqlite';
import { engineErrors } from '../../errors.ts';
import { openSqliteFile } from '../../sqlite/sqlite-file.ts';
import type { Founder, Identity, Made, PlayerRecord, Scope, TeamRecord } from '../identity.ts';
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
 * Throws `engine-name-invalid`, `engine-team-unknown`, `engine-join-key-reused`, `engine-store-failed`,
 * `engine-store-damaged`, `engine-store-version`.
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

  async teamNamed(huntId: string, name: string, founder?: Founder): Promise<Made<TeamRecord>> {
    const key = huntId + name;
    const known = this.#teams.get(key);
    if (known && !founder) return { ...known, created: false };
    const team = await this.#group.write(() => {
      const shown = shownName(name);
      if (founder) this.#checkFounder(huntId, shown, founder);
      return this.#findOrMakeTeam(huntId, shown, founder?.teamId);
    });
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

  async createSoloPlayer(
    huntId: string,
    name: string,
    wantedId?: string,
  ): Promise<Made<PlayerRecord>> {
    const shown = shownName(name);
    return this.#group.write(() => {
      const before = this.#playerBefore(huntId, shown, wantedId, wantedId);
      if (before) return before;
      const playerId = this.#tryIds((id) => {
        const team = { hunt_id: huntId, name: shown, name_key: null, join_code: null };
        return (
          !this.#tables.hasPlayer(id) &&
          this.#tables.insertTeam({ team_id: id, ...team }) &&
          this.#tables.insertPlayer(id, huntId, id, shown)
        );
      }, wantedId);
      return { playerId, teamId: playerId, created: true };
    });
  }

  async createPlayer(
    huntId: string,
    name: string,
    teamId: string,
    wantedId?: string,
  ): Promise<Made<PlayerRecord>> {
    const shown = shownName(name);
    return this.#group.write(() => {
      const before = this.#playerBefore(huntId, shown, teamId, wantedId);
      if (before) return before;
      if (this.#tables.teamById(huntId, teamId) === undefined) {
        throw engineErrors.create('engine-team-unknown', { team: teamId });
      }
      const playerId = this.#tryIds(
        (id) => this.#tables.insertPlayer(id, huntId, teamId, shown),
        wantedId,
      );
      return { playerId, teamId, created: true };
    });
  }

  /** Who was made under this id by an earlier try; it must have been the same. */
  #playerBefore(
    huntId: string,
    name: string,
    teamId: string | undefined,
    wantedId: string | undefined,
  ): Made<PlayerRecord> | undefined {
    const player = wantedId === undefined ? undefined : this.#tables.player(huntId, wantedId);
    if (player === undefined) return undefined;
    if (player.name !== name || player.team_id !== teamId) throw keyReused();
    return { playerId: wantedId!, teamId: player.team_id, created: false };
  }

  #checkFounder(huntId: string, name: string, { teamId, playerId }: Founder): void {
    const team = this.#tables.teamById(huntId, teamId);
    if (team !== undefined && team.name_key !== nameKey(name)) throw keyReused();
    const player = this.#tables.player(huntId, playerId);
    if (player !== undefined && player.team_id !== teamId) throw keyReused();
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
      const teamId = this.#tables.player(huntId, playerId)?.team_id;
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

  #findOrMakeTeam(huntId: string, name: string, wantedId?: string): Made<TeamRow> {
    const key = nameKey(name);
    const found = this.#tables.teamByName(huntId, key);
    if (found) return { ...found, created: false };
    let made: TeamRow | undefined;
    this.#tryIds((id) => {
      const join_code = newJoinCode(this.#random);
      made = { team_id: id, hunt_id: huntId, name, name_key: key, join_code };
      return this.#tables.insertTeam(made);
    }, wantedId);
    return { ...made!, created: true };
  }

  /** Tries fresh ids, or the wanted one with fresh codes, until there is room; returns the id. */
  #tryIds(insert: (id: string) => boolean, wantedId?: string): string {
    for (let tries = 0; tries < maxTries; tries++) {
      const id = wantedId ?? newId(this.#random);
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

function keyReused(): Error {
  return engineErrors.create('engine-join-key-reused');
}

function hashOf(key: string): Buffer {
  return createHash('sha256').update(key, 'latin1').digest();
}
