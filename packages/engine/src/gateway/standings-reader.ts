import { CodedError } from 'veltrix';
import { Deadline, withDeadline } from 'veltrix/resilience';
import type { Identity } from '../identity/identity.ts';
import type { Standing, Views } from '../views/views.ts';
import type { DirectoryHunt } from './hunt-directory.ts';

/** A team's place as clients see it. */
export interface StandingRow {
  readonly rank: number;
  readonly team: string;
  /** Empty when the people behind the team were erased. */
  readonly name: string;
  readonly points: number;
  readonly penaltySeconds: number;
  /** RFC 3339; null before the first score. */
  readonly lastScoreAt: string | null;
  readonly solved: number;
}

/** What is shown is as of then (RFC 3339), and may be out of date; absent while it is not. */
interface Staleness {
  readonly staleSince?: string;
}

/** What was read, or is being read. */
interface SharedRead {
  readonly version: number;
  readonly readAt: number;
  staleSince: number | undefined;
  readonly json: Promise<string>;
}

const sharedReadsMax = 256;
/** Names may change without the standings: nobody is shown for longer than this after being erased. */
const sharedForMs = 1_000;
const unreachable = ['engine-redis-unavailable', 'engine-dependency-busy'];
const sharedDeadlineMs = 5_000;

export interface StandingsReaderOptions {
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** How long what was read is shown even if newer standings are there; undefined while it is not. */
  readonly freshMs?: () => number | undefined;
}

/** Reads standings with the names of their teams. */
export class StandingsReader {
  readonly #views: Views;
  readonly #identity: Identity;
  readonly #now: () => number;
  readonly #freshMs: () => number | undefined;
  readonly #shared = new Map<string, SharedRead>();

  constructor(views: Views, identity: Identity, options: StandingsReaderOptions) {
    this.#views = views;
    this.#identity = identity;
    this.#now = options.now;
    this.#freshMs = options.freshMs ?? (() => undefined);
  }

  version(hunt: DirectoryHunt): number {
    return this.#views.version(hunt.huntId);
  }

  /** Since when the standings may be out of date, ms since the epoch; undefined while they are not. */
  staleSince(): number | undefined {
    return this.#views.staleSince();
  }

  /** `{version, total, standings}`, and `staleSince` where they may be out of date, as JSON; a crowd that asks for the same page reads it once. */
  page(hunt: DirectoryHunt, from: number, limit: number): Promise<string> {
    return this.#once(`${hunt.slug} ${from} ${limit}`, hunt, async () => {
      const standings = await this.rows(hunt, from, limit);
      const total = (await this.#views.counters(hunt.huntId))?.teams ?? 0;
      return { total, standings };
    });
  }

  /** The first `limit` rows, `{version, top}` and `staleSince` as in `page`, and read as rarely. */
  top(hunt: DirectoryHunt, limit: number): Promise<string> {
    return this.#once(`${hunt.slug} top ${limit}`, hunt, async () => {
      return { top: await this.rows(hunt, 0, limit) };
    });
  }

  #once(key: string, hunt: DirectoryHunt, read: () => Promise<object>): Promise<string> {
    const version = this.version(hunt);
    const now = this.#now();
    const known = this.#shared.get(key);
    const freshMs = this.#freshMs();
    if (known && freshMs !== undefined && now - known.readAt < freshMs) return known.json;
    const isFresh = known?.version === version && now - known.readAt < sharedForMs;
    if (isFresh && known.staleSince === this.staleSince()) return known.json;
    const reading = async () => {
      const members = await read();
      // Asked after reading: it may have been found out just then.
      shared.staleSince = this.staleSince() ?? (freshMs === undefined ? undefined : now);
      return JSON.stringify({ version, ...staleness(shared.staleSince), ...members });
    };
    // Many share it: the one who came first may give up sooner than the others.
    const json = withDeadline(Deadline.after(sharedDeadlineMs), reading);
    const shared: SharedRead = { version, readAt: now, staleSince: this.staleSince(), json };
    if (this.#shared.size >= sharedReadsMax) this.#shared.clear();
    this.#shared.set(key, shared);
    json.catch(() => {
      if (this.#shared.get(key) === shared) this.#shared.delete(key);
    });
    return json;
  }

  async rows(hunt: DirectoryHunt, from: number, limit: number): Promise<StandingRow[]> {
    return this.#named(hunt, await this.#views.standings(hunt.huntId, from, limit));
  }

  async row(hunt: DirectoryHunt, teamId: string): Promise<(StandingRow & Staleness) | undefined> {
    const standing = await this.#views.standing(hunt.huntId, teamId);
    const row = standing && (await this.#named(hunt, [standing]))[0];
    return row && { ...row, ...staleness(this.staleSince()) };
  }

  /** Undefined also while the views cannot be reached and never showed the team here. */
  async rowIfReachable(hunt: DirectoryHunt, teamId: string) {
    try {
      return await this.row(hunt, teamId);
    } catch (error) {
      if (error instanceof CodedError && unreachable.includes(error.id)) return undefined;
      throw error;
    }
  }

  async #named(hunt: DirectoryHunt, standings: readonly Standing[]): Promise<StandingRow[]> {
    const teamIds = standings.map(({ teamId }) => teamId);
    const names = await this.#identity.teamNames(hunt.huntId, teamIds);
    return standings.map((standing) => ({
      rank: standing.rank,
      team: standing.teamId,
      name: names.get(standing.teamId) ?? '',
      points: standing.points,
      penaltySeconds: standing.penaltySeconds,
      lastScoreAt: standing.lastScoreAt === 0 ? null : new Date(standing.lastScoreAt).toISOString(),
      solved: standing.solved,
    }));
  }
}

function staleness(since: number | undefined): Staleness {
  return since === undefined ? {} : { staleSince: new Date(since).toISOString() };
}
