import { RetryBudget } from 'veltrix/resilience';
import { InflightGate } from './inflight-gate.ts';

/** How Cassandra is asked; each may change at any time. */
export interface CassandraLimits {
  /** Requests on their way at once, from 1 to 1,024. */
  readonly inflightMaxRequests: number;
  /** Of all of them. */
  readonly inflightMaxBytes: number;
  /** Callers that may wait for their turn. */
  readonly maxWaitingQueries: number;
  /** How often may be asked again, in percent of how often is asked. */
  readonly retryPercent: number;
}

export const defaultCassandraLimits: CassandraLimits = {
  inflightMaxRequests: 64,
  inflightMaxBytes: 8 << 20,
  maxWaitingQueries: 1_000,
  retryPercent: 20,
};

/** Where little is asked, so much may be asked again all the same: retries a second, and retries saved up. */
const retryFloor = { perSecond: 20, most: 10 };

/**
 * What the sessions of one user of Cassandra, the archive or the identity, have in common: how much of
 * theirs is on its way, and how often they may ask again. It outlives a session that was lost.
 *
 * A server that is lost fails all that it was asked in the same moment. So as many retries are saved up as
 * requests may be on their way, and others answer all of them; over time the share holds.
 */
export class CassandraTraffic {
  readonly gate: InflightGate;
  readonly retries: RetryBudget;
  /** Errors of the driver that stand because the budget was spent. */
  readonly withheld = new WeakSet<object>();

  constructor(limits: () => CassandraLimits = () => defaultCassandraLimits) {
    this.gate = new InflightGate(() => {
      const { inflightMaxRequests, inflightMaxBytes, maxWaitingQueries } = limits();
      return {
        maxRequests: inflightMaxRequests,
        maxBytes: inflightMaxBytes,
        maxWaiting: maxWaitingQueries,
      };
    });
    const budget = () => {
      const { inflightMaxRequests, retryPercent } = limits();
      const most = Math.max(retryFloor.most, inflightMaxRequests);
      return { ...retryFloor, most, perRequest: retryPercent / 100 };
    };
    this.retries = new RetryBudget(budget, performance.now());
  }

  /**
   * Whether a request that failed may be made once more; that is paid for by this.
   *
   * @param error what one server failed with, where others might not
   */
  mayTryAgain(error?: object): boolean {
    const may = this.retries.tryAgain(performance.now());
    if (error && !may) this.withheld.add(error);
    return may;
  }
}
