import type { ApiCaller } from './api-caller.ts';
import type { Hunt, HuntListing, Staleness, StandingRow, StandingsPage } from './resources.ts';

/** What everybody may read. */
export class HuntReader {
  readonly #caller: ApiCaller;

  constructor(caller: ApiCaller) {
    this.#caller = caller;
  }

  async hunts(signal?: AbortSignal): Promise<readonly HuntListing[]> {
    const answer = await this.#caller.get<{ hunts: readonly HuntListing[] }>('/v1/hunts', signal);
    return answer.hunts;
  }

  hunt(hunt: string, signal?: AbortSignal): Promise<Hunt> {
    return this.#caller.get(huntPath(hunt), signal);
  }

  /** `limit` rows (1 to 1,000) from position `from` (0 = the first). */
  standings(
    hunt: string,
    page: { readonly from?: number; readonly limit?: number; readonly signal?: AbortSignal } = {},
  ): Promise<StandingsPage> {
    const query = `from=${page.from ?? 0}&limit=${page.limit ?? 100}`;
    return this.#caller.get(`${huntPath(hunt)}/standings?${query}`, page.signal);
  }

  /**
   * All standings, a page of `limit` rows at a time. While scores change, a team that moves between
   * two pages is seen twice or not at all.
   */
  async *allStandings(hunt: string, limit = 1_000): AsyncGenerator<StandingRow, void, void> {
    for (let from = 0; ; from += limit) {
      const { standings, total } = await this.standings(hunt, { from, limit });
      yield* standings;
      if (standings.length === 0 || from + limit >= total) return;
    }
  }

  standing(hunt: string, team: string, signal?: AbortSignal): Promise<StandingRow & Staleness> {
    return this.#caller.get(`${huntPath(hunt)}/standings/${encodeURIComponent(team)}`, signal);
  }
}

export function huntPath(hunt: string): string {
  return `/v1/hunts/${encodeURIComponent(hunt)}`;
}
