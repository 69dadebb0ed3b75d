import { type Clock, CodedError } from 'veltrix';
import { type AssignmentBoard, type GatePosition, PeerPicker } from 'veltrix/cluster';
import { currentDeadline, Hedge, RetryBudget } from 'veltrix/resilience';
import { engineErrors } from '../errors.ts';
import { deadlinePassed } from '../gateway/passed-deadlines.ts';
import type { OwnerAnswer, OwnerQuery } from './cluster-messages.ts';
import type { InternalClient } from './internal-client.ts';
import { isNodeTlsFault } from './node-connections.ts';
import { defaultPeerSettings, isOwnFault, type PeerSettings } from './peer-calls.ts';

export interface OwnerClientOptions {
  readonly board: Pick<AssignmentBoard, 'copiesOf' | 'onChange'>;
  readonly client: Pick<InternalClient, 'call'>;
  readonly clock: Clock;
  readonly settings?: () => Pick<PeerSettings, 'retryPercent' | 'hedgePercent'>;
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
/** Of each partition: where little is asked, it may be asked again so often all the same, which is enough for one who waits. */
const retryFloor = { perSecond: 20, most: 10 };
const hedgeLeastMs = 5;
/** An answer about a partition lets so many of those ask again who wait for one. */
const wokenByAnswer = 2;

/**
 * Asks the owner of a partition, or its standby where that knows enough, whichever promises to answer sooner; and
 * again while the partition moves.
 */
export class OwnerClient {
  readonly #options: OwnerClientOptions;
  readonly #picker = new PeerPicker({ now: () => performance.now(), random: Math.random });
  /** By partition: one that moves must not keep others waiting. */
  readonly #budgets = new Map<number, RetryBudget>();
  readonly #hedge: Hedge;
  /** Called when the assignment changes. */
  readonly #waiting = new Set<() => void>();
  /** Those who wait to ask again, by partition. */
  readonly #waitingFor = new Map<number, Set<() => void>>();
  /** Questions that were asked a second time elsewhere, and those answered there. */
  readonly counts = { hedged: 0, hedgesAnswered: 0 };

  constructor(options: OwnerClientOptions) {
    this.#options = options;
    const { settings = () => defaultPeerSettings } = options;
    const hedges = () => ({ share: settings().hedgePercent / 100, delayLeastMs: hedgeLeastMs });
    this.#hedge = new Hedge(hedges, performance.now());
    options.board.onChange(() => {
      for (const wake of [...this.#waiting]) wake();
    });
  }

  /** Since it was made: questions, those asked again, and those that waited for the budget. */
  get retries(): {
    readonly requests: number;
    readonly allowed: number;
    readonly withheld: number;
  } {
    const sum = { requests: 0, allowed: 0, withheld: 0 };
    for (const { counts } of this.#budgets.values()) {
      sum.requests += counts.requests;
      sum.allowed += counts.allowed;
      sum.withheld += counts.withheld;
    }
    return sum;
  }

  #budgetOf(partition: number): RetryBudget {
    const known = this.#budgets.get(partition);
    if (known) return known;
    const { settings = () => defaultPeerSettings } = this.#options;
    const retries = () => ({ ...retryFloor, perRequest: settings().retryPercent / 100 });
    const budget = new RetryBudget(retries, performance.now());
    this.#budgets.set(partition, budget);
    return budget;
  }

  get hedgesWithheld(): number {
    return this.#hedge.withheld;
  }

  /** Nodes with copies that are asked for, but not there, because they failed or are much slower than others. */
  get ejectedNodes(): number {
    const { board } = this.#options;
    const partitions = [...this.#budgets.keys()];
    const copies = partitions.flatMap((partition) => board.copiesOf(partition));
    const nodes = new Set(copies.map(({ node }) => node));
    return [...nodes].filter((node) => this.#picker.isEjected(node)).length;
  }

  /**
   * Undefined when there is no such thing. Throws `engine-cluster-owner-unavailable` after five seconds, and
   * `engine-deadline-passed`. How often it asks again has a budget, which all who wait share.
   */
  async ask(query: OwnerQuery): Promise<unknown> {
    const until = performance.now() + patienceMs;
    const deadline = currentDeadline();
    const { partition } = query;
    const budget = this.#budgetOf(partition);
    budget.asked();
    for (let pauseMs = pauseLeastMs; ; pauseMs = Math.min(2 * pauseMs, pauseMostMs)) {
      if (deadline?.hasPassed) throw deadlinePassed();
      let reason: string;
      try {
        const answer = await this.#askOnce(query);
        if (typeof answer !== 'string') {
          this.#wakeSome(this.#waitingFor.get(partition));
          return answer.value ?? undefined;
        }
        reason = answer;
      } catch (error) {
        reason = (error as Error).message;
      }
      while (!(await this.#pause(partition, pauseMs))) {
        if (budget.tryAgain(performance.now())) break;
        if (deadline?.hasPassed) throw deadlinePassed();
        if (performance.now() >= until) break;
      }
      if (performance.now() >= until) {
        const details = { partition, timeoutMs: patienceMs, reason };
        throw engineErrors.create('engine-cluster-owner-unavailable', details);
      }
    }
  }

  /**
   * Until then; or, which it resolves with, until the assignment changes or somebody else was answered about the
   * partition: then there is a reason to ask again, and it costs nothing of the budget.
   */
  #pause(partition: number, pauseMs: number): Promise<boolean> {
    const ofPartition = this.#waitingFor.get(partition) ?? new Set();
    this.#waitingFor.set(partition, ofPartition);
    return new Promise((resolve) => {
      const end = (hasReason: boolean) => {
        cancel();
        this.#waiting.delete(wake);
        ofPartition.delete(wake);
        resolve(hasReason);
      };
      const wake = () => end(true);
      const cancel = this.#options.clock.after(pauseMs, () => end(false));
      this.#waiting.add(wake);
      ofPartition.add(wake);
    });
  }

  /** Who is answered then wakes the next: all are asked again soon if it goes well, and few if it does not. */
  #wakeSome(waiting: Iterable<() => void> = []): void {
    let left = wokenByAnswer;
    for (const wake of waiting) {
      if (left-- === 0) return;
      wake();
    }
  }

  /**
   * The answer, or why there is none: of one copy after the other, beginning with the better one. Where that takes
   * unusually long, the next is asked without waiting for it any longer.
   */
  async #askOnce(query: OwnerQuery): Promise<OwnerAnswer | string> {
    const copies = new Map(
      this.#options.board.copiesOf(query.partition).map((copy) => [copy.node, copy]),
    );
    const reasons: string[] = [];
    const hedges = mayHedge(query, copies.size);
    const hedgeMs = hedges ? (this.#hedge.asked() ?? Number.POSITIVE_INFINITY) : 0;
    for (;;) {
      const first = this.#askNext(copies, query, reasons);
      if (!first) break;
      const answer = await (hedges && copies.size > 0
        ? this.#hedged(first, hedgeMs, () => this.#askNext(copies, query, reasons))
        : first);
      if (answer) return answer;
    }
    for (const node of copies.keys()) reasons.push(`${node} has not answered lately`);
    return reasons.join('; ') || 'no node has it';
  }

  /** The first of two answers, where a second is asked for: after so many ms, which may be never. */
  async #hedged(
    first: Promise<OwnerAnswer | undefined>,
    hedgeMs: number,
    askSecond: () => Promise<OwnerAnswer | undefined> | undefined,
  ): Promise<OwnerAnswer | undefined> {
    const beganAt = performance.now();
    const late = Symbol('late');
    let cancel = () => {};
    const due = new Promise<typeof late>((resolve) => {
      if (hedgeMs === Number.POSITIVE_INFINITY) return;
      cancel = this.#options.clock.after(hedgeMs, () => resolve(late));
    });
    const early = await Promise.race([first, due]);
    cancel();
    const isLate = early === late;
    const second = isLate && this.#hedge.allows(performance.now()) ? askSecond() : undefined;
    if (!isLate || !second) {
      const answer = isLate ? await first : early;
      this.#hedge.answered(performance.now() - beganAt);
      return answer;
    }
    this.counts.hedged += 1;
    const answer =
      (await Promise.race([first, second])) ?? (await Promise.all([first, second])).find(isAnswer);
    this.#hedge.answered(performance.now() - beganAt);
    if (answer !== undefined && answer === (await Promise.race([second, undefined]))) {
      this.counts.hedgesAnswered += 1;
    }
    return answer;
  }

  /** Asks the best of the copies, which is then none of them any more; undefined when none may be asked. */
  #askNext(
    copies: Map<string, Copy>,
    query: OwnerQuery,
    reasons: string[],
  ): Promise<OwnerAnswer | undefined> | undefined {
    const call = this.#picker.pick([...copies.keys()]);
    if (!call) return undefined;
    const copy = copies.get(call.peer)!;
    copies.delete(call.peer);
    return this.#askCopy(copy, query).then(
      (answer) => {
        call.succeeded();
        if (answer.owns) return answer;
        reasons.push(`${copy.node} does not have it yet`);
        return undefined;
      },
      (error: Error) => {
        if (isOwnFault(error)) call.abandoned();
        // An error of the other node's is an answer, too.
        else if (error instanceof CodedError && !isNodeTlsFault(error)) call.succeeded();
        else call.failed();
        reasons.push(`${copy.node}: ${error.message}`);
        return undefined;
      },
    );
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

/** Of two copies either may answer, and nothing changes by it. */
function mayHedge(query: OwnerQuery, copies: number): boolean {
  return copies > 1 && 'atLeast' in query && query.atLeast !== undefined;
}

function isAnswer(answer: OwnerAnswer | undefined): answer is OwnerAnswer {
  return answer !== undefined;
}
