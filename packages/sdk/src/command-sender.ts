import { type ApiCaller, parsed } from './api-caller.ts';
import {
  type BatchResult,
  batchResultOf,
  type Command,
  type CommandResult,
  commandResultOf,
  newIdempotencyKey,
  type RecordedCommand,
} from './command.ts';
import { clientProblem, ProblemError } from './problem-error.ts';
import { isDecided } from './retry-policy.ts';

export const batchMaxCommands = 1_000;

export interface SubmitOptions {
  /** Idempotency key; made when there is none. Give one to be able to repeat the command after a restart. */
  readonly key?: string;
  readonly signal?: AbortSignal;
}

/** Commands of one hunt over HTTP. Every one has a key, so that all of this may be repeated at will. */
export class CommandSender {
  readonly #caller: ApiCaller;
  readonly #path: string;

  constructor(caller: ApiCaller, hunt: string) {
    this.#caller = caller;
    this.#path = `/v1/hunts/${encodeURIComponent(hunt)}/commands`;
  }

  /** Sends a command and waits for its outcome; `sdk-still-undecided` when the retries end before. */
  async submit(command: Command, options: SubmitOptions = {}): Promise<CommandResult> {
    try {
      const response = await this.#post(command, options);
      if (response.status !== 202) return commandResultOf(parsed(response));
      return await this.#awaitOutcome(parsed<{ commandId: string }>(response).commandId, options);
    } catch (error) {
      if (error instanceof ProblemError && isDecided(error)) {
        return commandResultOf(error.members);
      }
      throw error;
    }
  }

  /** Hands a command over and does not wait; ask `outcome` later. */
  async submitAsync(command: Command, options: SubmitOptions = {}): Promise<string> {
    const response = await this.#post(command, options, { prefer: 'respond-async' });
    return parsed<{ commandId: string }>(response).commandId;
  }

  /** Undefined while undecided. An unknown id is a `ProblemError` with status 404. */
  async outcome(commandId: string, signal?: AbortSignal): Promise<CommandResult | undefined> {
    const path = `${this.#path}/${encodeURIComponent(commandId)}`;
    const response = await this.#caller.call({ method: 'GET', path, repeatable: true, signal });
    return response.status === 202 ? undefined : commandResultOf(parsed(response));
  }

  /** 1 to 1,000 commands, results in their order. */
  async batch(
    commands: readonly RecordedCommand[],
    signal?: AbortSignal,
  ): Promise<readonly BatchResult[]> {
    if (commands.length < 1 || commands.length > batchMaxCommands) {
      throw clientProblem('sdk-batch-size');
    }
    const keyed = commands.map((command) => ({ id: newIdempotencyKey(), ...command }));
    const { results } = await this.#caller.json<{ results?: readonly Record<string, unknown>[] }>({
      method: 'POST',
      path: `${this.#path}/batch`,
      body: JSON.stringify({ commands: keyed }),
      repeatable: true,
      signal,
    });
    if (results?.length !== commands.length) throw clientProblem('sdk-answer-unexpected');
    return results.map(batchResultOf);
  }

  #post(command: Command, options: SubmitOptions, headers: Readonly<Record<string, string>> = {}) {
    return this.#caller.call({
      method: 'POST',
      path: this.#path,
      headers: { 'idempotency-key': options.key ?? newIdempotencyKey(), ...headers },
      body: JSON.stringify(command),
      repeatable: true,
      signal: options.signal,
    });
  }

  async #awaitOutcome(commandId: string, options: SubmitOptions): Promise<CommandResult> {
    const { attemptsMax, pauseMs, pauseMaxMs, wait } = this.#caller.policy;
    for (let attempt = 1; attempt <= attemptsMax; attempt++) {
      await wait(Math.min(pauseMaxMs, pauseMs * 2 ** (attempt - 1)), options.signal);
      const result = await this.outcome(commandId, options.signal);
      if (result !== undefined) return result;
    }
    throw clientProblem('sdk-still-undecided');
  }
}
