import { randomBytes } from 'node:crypto';
import { engineErrors } from '../../errors.ts';
import type { Founder, Made, TeamRecord } from '../identity.ts';
import { newId, newJoinCode } from '../random-texts.ts';
import { reads, votes, writes } from './identity-cql.ts';
import type { IdentitySession } from './identity-session.ts';

/** With 40 random bits a second try is a rarity. */
const maxTries = 10;

/** The teams of a keyspace: made once by vote, though anybody may end halfway. */
export class CassandraTeams {
  readonly #session: IdentitySession;

  constructor(session: IdentitySession) {
    this.#session = session;
  }

  /**
   * The team whose name has this key, or a new one under `name`. Throws `engine-join-key-reused`; see
   * `Identity.teamNamed`.
   */
  async findOrMake(
    huntId: string,
    name: string,
    key: string,
    founder: Founder | undefined,
  ): Promise<Made<TeamRecord>> {
    if (founder) await this.#checkFounder(huntId, key, founder);
    const team = await this.#teamByKey(huntId, key);
    return team ?? this.#makeTeam(huntId, name, key, founder?.teamId);
  }

  /** What an earlier try of the same join has made must be of this name. */
  async #checkFounder(huntId: string, key: string, { teamId, playerId }: Founder): Promise<void> {
    const [[team], [player]] = await Promise.all([
      this.#session.rows(reads.team, huntId, teamId),
      this.#session.rows(reads.player, huntId, playerId),
    ]);
    if (team && team['name_key'] !== key) throw engineErrors.create('engine-join-key-reused');
    if (player && player['team'] !== teamId) throw engineErrors.create('engine-join-key-reused');
  }

  async #teamByKey(huntId: string, key: string): Promise<Made<TeamRecord> | undefined> {
    const [row] = await this.#session.rows(reads.teamByName, huntId, key);
    if (!row) return undefined;
    const teamId = String(row['team']);
    const team = await this.find(huntId, teamId);
    if (team) return { ...team, created: false };
    // It was being erased, or made by somebody who did not come to the end.
    await this.#session.vote(votes.freeTeamName, huntId, key, teamId);
    return undefined;
  }

  /** What leads to the team is written last: nothing is found that is not there. */
  async #makeTeam(
    huntId: string,
    name: string,
    key: string,
    wantedId?: string,
  ): Promise<Made<TeamRecord>> {
    const teamId = wantedId ?? newId(randomBytes);
    // Its founder may have come so far before.
    const begun = wantedId === undefined ? undefined : await this.find(huntId, wantedId);
    const joinCode = begun?.joinCode ?? (await this.#newJoinCode(huntId, teamId));
    await this.#session.write(writes.team, huntId, teamId, name, key, joinCode);
    if (await this.#session.vote(votes.teamName, huntId, key, teamId)) {
      return { teamId, name, joinCode, created: true };
    }
    const other = await this.#teamByKey(huntId, key);
    // The founder's other try, at another process, was quicker.
    if (other?.teamId === teamId) return other;
    await this.#dropTeam(huntId, teamId, joinCode);
    return other ?? this.#makeTeam(huntId, name, key, wantedId);
  }

  async #newJoinCode(huntId: string, teamId: string): Promise<string> {
    for (let tries = 0; tries < maxTries; tries++) {
      const code = newJoinCode(randomBytes);
      if (await this.#session.vote(votes.joinCode, huntId, code, teamId)) return code;
    }
    const reason = `no free join code in ${maxTries} tries`;
    throw engineErrors.create('engine-store-failed', { file: 'people', reason });
  }

  async #dropTeam(huntId: string, teamId: string, joinCode: string): Promise<void> {
    await this.#session.write(writes.dropTeam, huntId, teamId);
    await this.#session.vote(votes.freeJoinCode, huntId, joinCode, teamId);
  }

  /** A team by its id. */
  async find(huntId: string, teamId: string): Promise<TeamRecord | undefined> {
    const [row] = await this.#session.rows(reads.team, huntId, teamId);
    if (!row) return undefined;
    const name = String(row['name']);
    const joinCode = row['join_code'] as string | null;
    return joinCode === null ? { teamId, name } : { teamId, name, joinCode };
  }
}
