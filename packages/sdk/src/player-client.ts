import { ApiCaller, type ClientOptions } from './api-caller.ts';
import {
  type BatchCommand,
  type BatchResult,
  type Command,
  type CommandResult,
  newIdempotencyKey,
} from './command.ts';
import { CommandSender, type SubmitOptions } from './command-sender.ts';
import { HuntReader, huntPath } from './hunt-reader.ts';
import { LiveConnection, type LiveOptions } from './live-connection.ts';
import type {
  Hunt,
  JoinedPlayer,
  JoinOptions,
  JoinRequest,
  Progress,
  Staleness,
  StandingRow,
  StandingsPage,
} from './resources.ts';

export interface PlayerClientOptions extends ClientOptions {
  readonly hunt: string;
  /** From an earlier join; `join` sets it, too. */
  readonly token?: string;
}

/** One player of one hunt. */
export class PlayerClient {
  readonly hunt: string;
  readonly #caller: ApiCaller;
  readonly #reader: HuntReader;
  readonly #sender: CommandSender;

  constructor(options: PlayerClientOptions) {
    this.hunt = options.hunt;
    this.#caller = new ApiCaller(options, options.token);
    this.#reader = new HuntReader(this.#caller);
    this.#sender = new CommandSender(this.#caller, options.hunt);
  }

  /** Keep it to play on after a restart. */
  get token(): string | undefined {
    return this.#caller.bearer;
  }

  definition(signal?: AbortSignal): Promise<Hunt> {
    return this.#reader.hunt(this.hunt, signal);
  }

  /**
   * Joins as a guest; from then on this client acts for that player. When the answer is lost the same
   * join is made again, and makes nobody a second time.
   */
  async join(request: JoinRequest, options: JoinOptions = {}): Promise<JoinedPlayer> {
    const joined = await this.#caller.json<JoinedPlayer>({
      method: 'POST',
      path: `${huntPath(this.hunt)}/players`,
      headers: { 'idempotency-key': options.key ?? newIdempotencyKey() },
      body: JSON.stringify(request),
      repeatable: true,
      signal: options.signal,
    });
    this.#caller.bearer = joined.token;
    return joined;
  }

  /** Sends a command and waits for its outcome; a refusal by a rule is a result, too. */
  submit(command: Command, options?: SubmitOptions): Promise<CommandResult> {
    return this.#sender.submit(command, options);
  }

  /** Hands a command over; resolves with its command id. */
  submitAsync(command: Command, options?: SubmitOptions): Promise<string> {
    return this.#sender.submitAsync(command, options);
  }

  /** Undefined while undecided. */
  outcome(commandId: string, signal?: AbortSignal): Promise<CommandResult | undefined> {
    return this.#sender.outcome(commandId, signal);
  }

  batch(commands: readonly BatchCommand[], signal?: AbortSignal): Promise<readonly BatchResult[]> {
    return this.#sender.batch(commands, signal);
  }

  me(signal?: AbortSignal): Promise<Progress> {
    return this.#caller.get(`${huntPath(this.hunt)}/me`, signal);
  }

  standings(page?: Parameters<HuntReader['standings']>[1]): Promise<StandingsPage> {
    return this.#reader.standings(this.hunt, page);
  }

  allStandings(limit?: number): AsyncGenerator<StandingRow, void, void> {
    return this.#reader.allStandings(this.hunt, limit);
  }

  standing(team: string, signal?: AbortSignal): Promise<StandingRow & Staleness> {
    return this.#reader.standing(this.hunt, team, signal);
  }

  /** Opens a live connection for this player, or for a spectator when there is no token. */
  live(options: LiveOptions): LiveConnection {
    const url = `${this.#caller.baseUrl.replace(/^http/, 'ws')}${huntPath(this.hunt)}/live`;
    return new LiveConnection(url, this.token, this.#caller.policy, options);
  }
}

export function createPlayerClient(options: PlayerClientOptions): PlayerClient {
  return new PlayerClient(options);
}
