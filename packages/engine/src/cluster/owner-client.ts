import type { Clock } from 'veltrix';
import type { AssignmentBoard, GatePosition } from 'veltrix/cluster';
import { engineErrors } from '../errors.ts';
import type { OwnerAnswer, OwnerQuery } from './cluster-messages.ts';
import type { InternalClient } from './internal-client.ts';

export interface OwnerClientOptions {
  readonly board: AssignmentBoard;
  readonly client: InternalClient;
  readonly clock: Clock;
  /** This node's own processors, which are asked without the network. */
  readonly local?: {
    readonly node: string;
    readonly ask: (query: OwnerQuery) => Promise<OwnerAnswer>;
  };
}

/** Where all events before `next` were read, and what the gate knew then. */
export interface EventsPosition {
  readonly next: number;
  readonly position: GatePosition;
}

const patienceMs = 5_000;
/** Doubles with each try. */
const pauseLeastMs = 5;
const pauseMostMs = 100;

/** Asks the owner of a partition, wherever that is, and again while the partition moves. */
export class OwnerClient {
  readonly #options: OwnerClientOptions;
  /** Called when the assignment changes. */
  readonly #waiting = new Set<() => void>();

  constructor(options: OwnerClientOptions) {
    this.#options = options;
    options.board.onChange(() => {
      for (const wake of [...this.#waiting]) wake();
    });
  }

  /** Undefined when there is no such thing. Throws `engine-cluster-owner-unavailable` after five seconds. */
  async ask(query: OwnerQuery): Promise<unknown> {
    const until = performance.now() + patienceMs;
    for (let pauseMs = pauseLeastMs; ; pauseMs = Math.min(2 * pauseMs, pauseMostMs)) {
      let reason: string;
      try {
        const answer = await this.#askOnce(query);
        if (typeof answer !== 'string') return answer.value ?? undefined;
        reason = answer;
      } catch (error) {
        reason = (error as Error).message;
      }
      if (performance.now() >= until) {
        const details = { partition: query.partition, timeoutMs: patienceMs, reason };
        throw engineErrors.create('engine-cluster-owner-unavailable', details);
      }
      await this.#pause(pauseMs);
    }
  }

  /** Until then, or until the assignment changes. */
  #pause(pauseMs: number): Promise<void> {
    return new Promise((resolve) => {
      const wake = () => {
        cancel();
        this.#waiting.delete(wake);
        resolve();
      };
      const cancel = this.#options.clock.after(pauseMs, wake);
      this.#waiting.add(wake);
    });
  }

  /** What another node answers; why there is no answer when the partition moves on while it is silent. */
  #askOther(owner: { readonly node: string; readonly address: string }, query: OwnerQuery) {
    const { board, client } = this.#options;
    return new Promise<OwnerAnswer | string>((resolve, reject) => {
      const look = () => {
        if (board.ownerOf(query.partition)?.node !== owner.node) resolve(`${owner.node} is silent`);
      };
      this.#waiting.add(look);
      client
        .call(owner.address, 'owner', query)
        .then((answer) => resolve(answer as OwnerAnswer), reject)
        .finally(() => this.#waiting.delete(look));
    });
  }

  /** The answer, or why there is none. */
  async #askOnce(query: OwnerQuery): Promise<OwnerAnswer | string> {
    const { board, local } = this.#options;
    const owner = board.ownerOf(query.partition);
    if (!owner) return 'no node has it';
    const answer =
      owner.node === local?.node ? await local.ask(query) : await this.#askOther(owner, query);
    if (typeof answer === 'string') return answer;
    return answer.owns ? answer : `${owner.node} does not have it yet`;
  }
}
