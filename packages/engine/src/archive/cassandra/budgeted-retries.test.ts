import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import driver from 'cassandra-driver';
import { defaultCassandraLimits } from '../cassandra-limits.ts';
import { budgetedRetries } from './budgeted-retries.ts';
import { CassandraTraffic } from './cassandra-traffic.ts';

const { RetryPolicy } = driver.policies.retry;
const { localQuorum } = driver.types.consistencies;
const first = { query: 'SELECT', nbRetry: 0 } as unknown as driver.policies.retry.OperationInfo;
const failure = new Error('Socket was closed');

/** What the driver tries again by itself, each. */
const retried = {
  'a server that is gone or silent': (policy) => policy.onRequestError(first, localQuorum, failure),
  'a server that knows of too few others': (policy) =>
    policy.onUnavailable(first, localQuorum, 2, 1 as unknown as boolean),
  'a read that lacked the row alone': (policy) =>
    policy.onReadTimeout(first, localQuorum, 2, 2, false),
  'a write of which the log of batches was not written': (policy) =>
    policy.onWriteTimeout(first, localQuorum, 1, 2, 'BATCH_LOG'),
} satisfies Record<
  string,
  (policy: driver.policies.retry.RetryPolicy) => driver.policies.retry.DecisionInfo
>;

suite('a retry of a request to Cassandra is paid for, and not made when the budget is spent', () => {
  for (const [name, ask] of Object.entries(retried)) {
    test(name, () => {
      let budget = 1;
      const policy = budgetedRetries(RetryPolicy, { mayTryAgain: () => budget-- > 0 });
      assert.deepEqual(ask(policy), ask(new RetryPolicy()));
      assert.equal(budget, 0);
      assert.deepEqual(ask(policy), policy.rethrowResult());
    });
  }

  test('what the driver gives up by itself costs nothing', () => {
    const policy = budgetedRetries(RetryPolicy, { mayTryAgain: () => assert.fail('was asked') });
    const given = policy.onWriteTimeout(first, localQuorum, 1, 2, 'SIMPLE');
    assert.deepEqual(given, policy.rethrowResult());
  });
});

suite('what the sessions of one user of Cassandra share', () => {
  test('however many fail, a share of what is asked is asked again; another share counts at once', () => {
    let retryPercent = 20;
    const traffic = new CassandraTraffic(() => ({ ...defaultCassandraLimits, retryPercent }));
    const again = (requests: number) => {
      let allowed = 0;
      for (let request = 0; request < requests; request++) {
        traffic.retries.asked();
        if (traffic.mayTryAgain()) allowed += 1;
      }
      return allowed;
    };
    // 200 of 1,000, 64 saved up and, for each second that this takes, 20.
    const few = again(1_000);
    assert.ok(few >= 260 && few < 320, `${few}`);
    retryPercent = 0;
    const none = again(1_000);
    assert.ok(none < 50, `${none}`);
    retryPercent = 100;
    assert.ok(again(1_000) > 990);
  });

  test('what one server failed with is remembered where the budget let no other be asked', () => {
    const traffic = new CassandraTraffic(() => ({ ...defaultCassandraLimits, retryPercent: 0 }));
    const policy = budgetedRetries(RetryPolicy, traffic);
    policy.onRequestError(first, localQuorum, failure);
    assert.equal(traffic.withheld.has(failure), false);
    while (traffic.mayTryAgain());
    policy.onRequestError(first, localQuorum, failure);
    assert.equal(traffic.withheld.has(failure), true);
  });

  test('as much as may be on its way may fail at once, and all of it is asked again', () => {
    let inflightMaxRequests = 64;
    const traffic = new CassandraTraffic(() => ({
      ...defaultCassandraLimits,
      inflightMaxRequests,
    }));
    const burst = () => {
      for (let request = 0; request < 10_000; request++) traffic.retries.asked();
      let allowed = 0;
      while (traffic.mayTryAgain()) allowed += 1;
      return allowed;
    };
    const most = burst();
    assert.ok(most >= 64 && most < 70, `${most}`);
    inflightMaxRequests = 300;
    const more = burst();
    assert.ok(more >= 300 && more < 310, `${more}`);
    inflightMaxRequests = 1;
    const least = burst();
    assert.ok(least >= 10 && least < 15, `${least}`);
  });
});
