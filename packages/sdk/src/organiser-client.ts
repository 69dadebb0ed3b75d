import { ApiCaller, type ClientOptions } from './api-caller.ts';
import type { BatchResult, RecordedCommand } from './command.ts';
import { CommandSender } from './command-sender.ts';
import { HuntReader, huntPath } from './hunt-reader.ts';
import type {
  Hunt,
  HuntListing,
  PublishedHunt,
  ScanCode,
  StandingRow,
  StandingsPage,
} from './resources.ts';

export interface OrganiserClientOptions extends ClientOptions {
  /** Begins with `hok_`. */
  readonly key: string;
}

/** An organiser, as far as the scopes of the key go. */
export class OrganiserClient {
  readonly #caller: ApiCaller;
  readonly #reader: HuntReader;

  constructor(options: OrganiserClientOptions) {
    this.#caller = new ApiCaller(options, options.key);
    this.#reader = new HuntReader(this.#caller);
  }

  /**
   * Publishes a hunt from its YAML (scope `publish`). A hunt that does not compile is a `ProblemError`
   * with status 422 and `members.problems`, an array of `HuntProblem`. Publishing the same source again
   * changes nothing, so a lost answer is asked for again.
   */
  publish(source: string, signal?: AbortSignal): Promise<PublishedHunt> {
    return this.#caller.json({
      method: 'POST',
      path: '/v1/hunts',
      body: JSON.stringify({ source }),
      repeatable: true,
      signal,
    });
  }

  /** What the posters of a hunt have as QR codes (scope `publish`), in the order of its steps. */
  async scanCodes(hunt: string, signal?: AbortSignal): Promise<readonly ScanCode[]> {
    const path = `${huntPath(hunt)}/scan-codes`;
    const answer = await this.#caller.get<{ readonly codes: readonly ScanCode[] }>(path, signal);
    return answer.codes;
  }

  /** Makes and registers teams by name (scope `record`): at most 10,000; those that exist stay as they are. */
  async registerTeams(
    hunt: string,
    names: readonly string[],
    signal?: AbortSignal,
  ): Promise<readonly { readonly name: string; readonly team: string }[]> {
    const answer = await this.#caller.json<{
      readonly teams: readonly { readonly name: string; readonly team: string }[];
    }>({
      method: 'PUT',
      path: `${huntPath(hunt)}/teams`,
      body: JSON.stringify({ names }),
      repeatable: true,
      signal,
    });
    return answer.teams;
  }

  /** Commands of any team and time (scope `record`); 1 to 1,000, results in their order. */
  record(
    hunt: string,
    commands: readonly RecordedCommand[],
    signal?: AbortSignal,
  ): Promise<readonly BatchResult[]> {
    return new CommandSender(this.#caller, hunt).batch(commands, signal);
  }

  /** Deletes a person (scope `erase`). Not tried again when the answer is lost: ask again by hand. */
  async erasePlayer(hunt: string, player: string, signal?: AbortSignal): Promise<void> {
    const path = `${huntPath(hunt)}/players/${encodeURIComponent(player)}`;
    await this.#caller.call({ method: 'DELETE', path, repeatable: false, signal });
  }

  hunts(signal?: AbortSignal): Promise<readonly HuntListing[]> {
    return this.#reader.hunts(signal);
  }

  hunt(hunt: string, signal?: AbortSignal): Promise<Hunt> {
    return this.#reader.hunt(hunt, signal);
  }

  standings(hunt: string, page?: Parameters<HuntReader['standings']>[1]): Promise<StandingsPage> {
    return this.#reader.standings(hunt, page);
  }

  allStandings(hunt: string, limit?: number): AsyncGenerator<StandingRow, void, void> {
    return this.#reader.allStandings(hunt, limit);
  }
}

export function createOrganiserClient(options: OrganiserClientOptions): OrganiserClient {
  return new OrganiserClient(options);
}
