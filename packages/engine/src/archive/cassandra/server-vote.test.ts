import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import driver from 'cassandra-driver';
import { serverVote, type VotingServers } from './server-vote.ts';

const { errors, types } = driver;
const { localQuorum } = types.consistencies;
const values = ['owls', 'team'];
type Options = driver.QueryOptions;

/**
 * Servers by their addresses; the first is asked first. Its answer to the first try is lost after it wrote the row,
 * unless it fails otherwise. One of another data centre is called `far`, one that is down `down`.
 */
function servers(
  addresses: readonly string[],
  failure: Error = new errors.OperationTimedOutError(''),
) {
  const asked: Options[] = [];
  const hosts = addresses.map((address) => ({
    ...{ address, datacenter: address === 'far' ? 'there' : 'here' },
    isUp: () => address !== 'down',
  }));
  const execute = async (_query: string, _params: unknown, options: Options) => {
    asked.push(options);
    if (asked.length === 1) throw Object.assign(failure, { coordinator: addresses[0] });
    const row = { '[applied]': false, name: values[0], team: values[1] };
    return { first: () => row, wasApplied: () => false };
  };
  const client = { execute, hosts: { values: () => hosts } };
  const vote = (mayTryAgain = true) =>
    serverVote(
      {
        ...{ driver, localDataCenter: 'here', traffic: { mayTryAgain: () => mayTryAgain } },
        client: client as unknown as VotingServers['client'],
      },
      'INSERT',
      values,
    );
  return { asked, vote };
}

suite('a vote of which the answer was lost', () => {
  test('is asked of another server that is up and near, and counts', async () => {
    // One of them is drawn.
    for (let time = 0; time < 20; time++) {
      const { asked, vote } = servers(['silent', 'down', 'far', 'other']);
      assert.equal(await vote(), true);
      assert.deepEqual(
        asked.map(({ host }) => host?.address),
        [undefined, 'other'],
      );
    }
  });

  test('is not repeated by the driver itself', async () => {
    const { asked, vote } = servers(['silent', 'other']);
    await vote();
    const first = {} as driver.policies.retry.OperationInfo;
    for (const { isIdempotent, retry } of asked) {
      assert.equal(isIdempotent, false);
      const rethrown = retry!.rethrowResult();
      assert.deepEqual(retry!.onRequestError(first, localQuorum, new Error('closed')), rethrown);
      assert.deepEqual(retry!.onUnavailable(first, localQuorum, 2, true), rethrown);
    }
  });

  test('fails where there is no other, and where the budget is spent', async () => {
    for (const [{ asked, vote }, mayTryAgain] of [
      [servers(['silent']), true],
      [servers(['silent', 'other']), false],
    ] as const) {
      await assert.rejects(vote(mayTryAgain), errors.OperationTimedOutError);
      assert.equal(asked.length, 1);
    }
  });

  test('that the server refused as a mistake is not asked again', async () => {
    const mistake = new errors.ResponseError(types.responseErrorCodes.syntaxError, 'no viable');
    const { asked, vote } = servers(['first', 'other'], mistake);
    await assert.rejects(vote(), mistake);
    assert.equal(asked.length, 1);
  });
});
