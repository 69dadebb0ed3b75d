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
const pauseMs = 100;

/** Asks the owner of a partition, wherever that is, and again while the partition moves. */
export class OwnerClient {
  readonly #options: OwnerClientOptions;

  constructor(options: OwnerClientOptions) {
    this.#options = options;
  }

  /** Undefined when there is no such thing. Throws `engine-cluster-owner-unavailable` after five seconds. */
  async ask(query: OwnerQuery): Promise<unknown> {
    const { clock } = this.#options;
    const until = performance.now() + patienceMs;
    for (;;) {
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
      await new Promise<void>((resolve) => clock.after(pauseMs, resolve));
    }
  }

  /** The answer, or why there is none. */
  async #askOnce(query: OwnerQuery): Promise<OwnerAnswer | string> {
    const { board, client, local } = this.#options;
    const owner = board.ownerOf(query.partition);
    if (!owner) return 'no node has it';
    const answer =
      owner.node === local?.node
        ? await local.ask(query)
        : ((await client.call(owner.address, 'owner', query)) as OwnerAnswer);
    return answer.owns ? answer : `${owner.node} does not have it yet`;
  }
}
