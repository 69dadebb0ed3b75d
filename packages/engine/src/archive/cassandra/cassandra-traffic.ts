import { RetryBudget } from 'veltrix/resilience';
import { type CassandraLimits, defaultCassandraLimits } from '../cassandra-limits.ts';
import { InflightGate } from './inflight-gate.ts';

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
