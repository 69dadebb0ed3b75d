import { type Clock, CodedError } from 'veltrix';
import { type AssignmentBoard, type GatePosition, PeerPicker } from 'veltrix/cluster';
import { engineErrors } from '../errors.ts';
import type { OwnerAnswer, OwnerQuery } from './cluster-messages.ts';
import type { InternalClient } from './internal-client.ts';

export interface OwnerClientOptions {
  readonly board: Pick<AssignmentBoard, 'copiesOf' | 'onChange'>;
  readonly client: Pick<InternalClient, 'call'>;
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

interface Copy {
  readonly node: string;
  readonly address: string;
}

const patienceMs = 5_000;
/** As for other nodes: the processors' thread may hang. */
const localTimeoutMs = 2_000;
/** Doubles with each try. */
const pauseLeastMs = 5;
const pauseMostMs = 100;

/**
 * Asks the owner of a partition, or its standby where that knows enough, whichever promises to answer sooner; and
 * again while the partition moves.
 */
export class OwnerClient {
  readonly #options: OwnerClientOptions;
  readonly #picker = new PeerPicker({ now: () => performance.now(), random: Math.random });
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

  /** The answer, or why there is none: of one copy after the other, beginning with the better one. */
  async #askOnce(query: OwnerQuery): Promise<OwnerAnswer | string> {
    const copies = new Map(
      this.#options.board.copiesOf(query.partition).map((copy) => [copy.node, copy]),
    );
    const reasons: string[] = [];
    while (copies.size > 0) {
      const call = this.#picker.pick([...copies.keys()]);
      if (!call) break;
      const copy = copies.get(call.peer)!;
      copies.delete(call.peer);
      try {
        const answer = await this.#askCopy(copy, query);
        call.succeeded();
        if (answer.owns) return answer;
        reasons.push(`${copy.node} does not have it yet`);
      } catch (error) {
        // An error of the other node's is an answer, too.
        if (error instanceof CodedError) call.succeeded();
        else call.failed();
        reasons.push(`${copy.node}: ${(error as Error).message}`);
      }
    }
    for (const node of copies.keys()) reasons.push(`${node} has not answered lately`);
    return reasons.join('; ') || 'no node has it';
  }

  /** Rejects also when the partition moves on while the node is silent. */
  #askCopy(copy: Copy, query: OwnerQuery): Promise<OwnerAnswer> {
    const { board, client, local, clock } = this.#options;
    return new Promise((resolve, reject) => {
      const look = () => {
        const isCopy = board.copiesOf(query.partition).some(({ node }) => node === copy.node);
        if (!isCopy) reject(new Error('it is silent'));
      };
      const isLocal = copy.node === local?.node;
      const answering = isLocal
        ? local.ask(query)
        : (client.call(copy.address, 'owner', query) as Promise<OwnerAnswer>);
      const cancel = isLocal
        ? clock.after(localTimeoutMs, () => reject(new Error('its processors are silent')))
        : () => {};
      this.#waiting.add(look);
      answering.then(resolve, reject).finally(() => {
        cancel();
        this.#waiting.delete(look);
      });
    });
  }
}
