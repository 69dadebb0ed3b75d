import { createHash, randomBytes } from 'node:crypto';
import { CodedError } from 'veltrix';
import { engineErrors } from '../../errors.ts';
import type { Founder, Identity, Made, PlayerRecord, Scope, TeamRecord } from '../identity.ts';
import { nameKey, shownName } from '../name.ts';
import { isOrganiserKey, newId, newOrganiserKey, parseJoinCode } from '../random-texts.ts';
import { RecentMap } from '../recent-map.ts';
import { CassandraTeams } from './cassandra-teams.ts';
import { reads, votes, writes } from './identity-cql.ts';
import { type IdentityPlace, IdentitySession } from './identity-session.ts';

export interface CassandraIdentityOptions extends IdentityPlace {
  /** What was read is not asked for again for so long; so long a name that was erased elsewhere may be shown. Default 30,000. */
  readonly cacheMs?: number;
  /** How many names and organiser keys are remembered, each. Default 100,000. */
  readonly cacheMaxEntries?: number;
}

interface Remembered<Value> {
  readonly value: Value;
  readonly at: number;
}

/** Of many at once, so many are on their way. */
const width = 32;

/**
 * Identity in a keyspace of Cassandra, for any number of processes at once. What must be unique (names
 * of a hunt's teams, join codes, organiser keys) is decided by a vote of the servers. While they cannot
 * be reached calls throw `engine-identity-unavailable`, except `teamNames`, which gives the names that
 * it remembers. Throws besides `engine-name-invalid`, `engine-team-unknown`, `engine-join-key-reused`,
 * `engine-store-failed`, `engine-store-version`, and the errors of a session
 * (`engine-archive-credentials`, `-refused`).
 *
 * Deleted rows stay on the servers' disks until they compact: `gc_grace_seconds` of the tables.
 */
export class CassandraIdentity implements Identity {
  readonly #session: IdentitySession;
  readonly #teams: CassandraTeams;
  readonly #cacheMs: number;
  readonly #names: RecentMap<Remembered<string>>;
  readonly #keys: RecentMap<Remembered<readonly Scope[]>>;
  /** Calls for a name wait for the one before them: of one process only one is made. */
  readonly #making = new Map<string, Promise<unknown>>();
  readonly #running = new Set<Promise<unknown>>();

  constructor(options: CassandraIdentityOptions) {
    const { cacheMs = 30_000, cacheMaxEntries = 100_000, ...place } = options;
    this.#session = new IdentitySession(place);
    this.#teams = new CassandraTeams(this.#session);
    this.#cacheMs = cacheMs;
    this.#names = new RecentMap(cacheMaxEntries);
    this.#keys = new RecentMap(cacheMaxEntries);
  }

  /** Connects, and makes or checks the keyspace; calls do so by themselves. */
  connect(): Promise<void> {
    return this.#session.connect();
  }

  /** Whether the servers are asked. */
  get isUp(): boolean {
    return this.#session.isUp;
  }

  async teamNamed(huntId: string, name: string, founder?: Founder): Promise<Made<TeamRecord>> {
    const shown = shownName(name);
    const key = nameKey(shown);
    const place = huntId + key;
    const before = this.#making.get(place);
    const making = this.#run(async () => {
      await before?.catch(() => {});
      return this.#teams.findOrMake(huntId, shown, key, founder);
    });
    this.#making.set(place, making);
    try {
      return await making;
    } finally {
      if (this.#making.get(place) === making) this.#making.delete(place);
    }
  }

  async teamsNamed(huntId: string, names: readonly string[]): Promise<readonly TeamRecord[]> {
    return inTurns(names, async (name) => {
      const { created: _, ...team } = await this.teamNamed(huntId, name);
      return team;
    });
  }

  teamByJoinCode(huntId: string, joinCode: string): Promise<TeamRecord | undefined> {
    return this.#run(async () => {
      const code = parseJoinCode(joinCode);
      if (code === undefined) return undefined;
      const [row] = await this.#session.rows(reads.teamByCode, huntId, code);
      return row && this.#teams.find(huntId, String(row['team']));
    });
  }

  async createSoloPlayer(
    huntId: string,
    name: string,
    wantedId?: string,
  ): Promise<Made<PlayerRecord>> {
    const shown = shownName(name);
    return this.#run(async () => {
      const before = await this.#playerBefore(huntId, shown, wantedId, wantedId);
      if (before) return before;
      const playerId = wantedId ?? newId(randomBytes);
      await this.#session.write(writes.team, huntId, playerId, shown, null, null);
      await this.#addPlayer(huntId, playerId, playerId, shown);
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
    return this.#run(async () => {
      const before = await this.#playerBefore(huntId, shown, teamId, wantedId);
      const unknown = () => engineErrors.create('engine-team-unknown', { team: teamId });
      if (!(await this.#teams.find(huntId, teamId))) throw unknown();
      const playerId = wantedId ?? newId(randomBytes);
      // Again also when they are there: the earlier try may have ended between the two writes.
      await this.#addPlayer(huntId, playerId, teamId, shown);
      // Its last player may have been erased meanwhile, and the team with them; see `#eraseEmptyTeam`.
      if (await this.#teams.find(huntId, teamId))
        return before ?? { playerId, teamId, created: true };
      await this.#dropPlayer(huntId, playerId, teamId);
      throw unknown();
    });
  }

  /** Who was made under this id by an earlier try; it must have been the same. */
  async #playerBefore(
    huntId: string,
    name: string,
    teamId: string | undefined,
    wantedId: string | undefined,
  ): Promise<Made<PlayerRecord> | undefined> {
    if (wantedId === undefined || teamId === undefined) return undefined;
    const [row] = await this.#session.rows(reads.player, huntId, wantedId);
    if (!row) return undefined;
    if (row['name'] !== name || row['team'] !== teamId) throw keyReused();
    return { playerId: wantedId, teamId, created: false };
  }

  async #addPlayer(huntId: string, playerId: string, teamId: string, name: string): Promise<void> {
    // The player first: whoever is a member can be erased.
    await this.#session.write(writes.player, huntId, playerId, teamId, name);
    await this.#session.write(writes.member, huntId, teamId, playerId);
  }

  async #dropPlayer(huntId: string, playerId: string, teamId: string): Promise<void> {
    await this.#session.write(writes.dropMember, huntId, teamId, playerId);
    await this.#session.write(writes.dropPlayer, huntId, playerId);
  }

  teamNames(huntId: string, teamIds: readonly string[]): Promise<ReadonlyMap<string, string>> {
    return this.#run(async () => {
      const freshFrom = performance.now() - this.#cacheMs;
      const names = new Map<string, string>();
      const unknown = new Set<string>();
      for (const teamId of teamIds) {
        const known = this.#names.get(huntId + teamId);
        if (known) names.set(teamId, known.value);
        if (!known || known.at < freshFrom) unknown.add(teamId);
      }
      try {
        await inTurns([...unknown], async (teamId) => {
          const team = await this.#teams.find(huntId, teamId);
          if (!team) names.delete(teamId);
          else {
            names.set(teamId, team.name);
            this.#names.set(huntId + teamId, { value: team.name, at: performance.now() });
          }
        });
      } catch (error) {
        // Standings are worth more than their names.
        if (!(error instanceof CodedError && error.id === 'engine-identity-unavailable'))
          throw error;
      }
      return names;
    });
  }

  erasePlayer(huntId: string, playerId: string): Promise<boolean> {
    return this.#run(async () => {
      const [row] = await this.#session.rows(reads.player, huntId, playerId);
      if (!row) return false;
      const teamId = String(row['team']);
      await this.#session.write(writes.dropMember, huntId, teamId, playerId);
      await this.#eraseEmptyTeam(huntId, teamId);
      // Last: a call that did not come to the end is made again.
      await this.#session.write(writes.dropPlayer, huntId, playerId);
      this.#names.clear();
      return true;
    });
  }

  /**
   * Somebody may be joining it at the same time: they look for the team once they are in it, and it is
   * looked for them here once the team is gone. One of both sees the other.
   */
  async #eraseEmptyTeam(huntId: string, teamId: string): Promise<void> {
    const isEmpty = async () =>
      (await this.#session.rows(reads.anyMember, huntId, teamId)).length === 0;
    if (!(await isEmpty())) return;
    const [row] = await this.#session.rows(reads.team, huntId, teamId);
    if (!row) return;
    await this.#session.write(writes.dropTeam, huntId, teamId);
    if (!(await isEmpty())) {
      const { name, name_key: key, join_code: code } = row;
      return this.#session.write(writes.team, huntId, teamId, name, key, code);
    }
    if (row['name_key'] === null) return;
    await this.#session.vote(votes.freeTeamName, huntId, row['name_key'], teamId);
    await this.#session.vote(votes.freeJoinCode, huntId, row['join_code'], teamId);
  }

  async createOrganiserKey(label: string, scopes: readonly Scope[]): Promise<string> {
    const shown = shownName(label);
    return this.#run(async () => {
      const key = newOrganiserKey(randomBytes);
      await this.#session.vote(votes.organiserKey, hashOf(key), shown, scopes.join(' '));
      return key;
    });
  }

  organiserScopes(key: string): Promise<readonly Scope[] | undefined> {
    return this.#run(async () => {
      if (!isOrganiserKey(key)) return undefined;
      const hash = hashOf(key);
      const place = hash.toString('latin1');
      const known = this.#keys.get(place);
      if (known && known.at >= performance.now() - this.#cacheMs) return known.value;
      const [row] = await this.#session.rows(reads.scopes, hash);
      if (!row) return undefined;
      const scopes = String(row['scopes'])
        .split(' ')
        .filter((scope) => scope !== '') as Scope[];
      this.#keys.set(place, { value: scopes, at: performance.now() });
      return scopes;
    });
  }

  async #run<Result>(work: () => Promise<Result>): Promise<Result> {
    const running = work();
    this.#running.add(running);
    try {
      return await running;
    } finally {
      this.#running.delete(running);
    }
  }

  /** Waits for what was asked before. */
  async close(): Promise<void> {
    await Promise.allSettled([...this.#running]);
    await this.#session.close();
  }
}

function keyReused(): Error {
  return engineErrors.create('engine-join-key-reused');
}

/** Some at once; results in the order given. Ends with the first failure. */
async function inTurns<Item, Result>(
  items: readonly Item[],
  work: (item: Item) => Promise<Result>,
): Promise<Result[]> {
  const results: Result[] = [];
  for (let from = 0; from < items.length; from += width) {
    results.push(...(await Promise.all(items.slice(from, from + width).map(work))));
  }
  return results;
}

function hashOf(key: string): Buffer {
  return createHash('sha256').update(key, 'latin1').digest();
}
