import type { policies } from 'cassandra-driver';
import type { CassandraTraffic } from './cassandra-traffic.ts';

type RetryPolicy = policies.retry.RetryPolicy;
type Decision = policies.retry.DecisionInfo;

/**
 * The driver's own policy, of which each retry is paid for: where the budget is spent, the failure stands.
 * It is not asked, and nothing is paid, where a request never left this process, or a server has
 * forgotten a prepared statement: neither has cost the servers anything.
 *
 * @param Policy the driver's, which is loaded late
 */
export function budgetedRetries(
  Policy: new () => RetryPolicy,
  traffic: Pick<CassandraTraffic, 'mayTryAgain'>,
): RetryPolicy {
  class BudgetedRetries extends Policy {
    override onReadTimeout(...failure: Parameters<RetryPolicy['onReadTimeout']>): Decision {
      return this.#paid(super.onReadTimeout(...failure));
    }

    override onWriteTimeout(...failure: Parameters<RetryPolicy['onWriteTimeout']>): Decision {
      return this.#paid(super.onWriteTimeout(...failure));
    }

    override onUnavailable(...failure: Parameters<RetryPolicy['onUnavailable']>): Decision {
      return this.#paid(super.onUnavailable(...failure));
    }

    override onRequestError(...failure: Parameters<RetryPolicy['onRequestError']>): Decision {
      const [, , error] = failure;
      return this.#paid(super.onRequestError(...failure), error);
    }

    #paid(decision: Decision, error?: Error): Decision {
      const rethrow = this.rethrowResult();
      const isRetry = decision.decision !== rethrow.decision;
      return isRetry && !traffic.mayTryAgain(error) ? rethrow : decision;
    }
  }
  return new BudgetedRetries();
}
