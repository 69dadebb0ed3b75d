import type { Client, Host } from 'cassandra-driver';
import type { CassandraTraffic } from './cassandra-traffic.ts';
import { voteOnce } from './contended-vote.ts';
import { failedVote } from './failed-vote.ts';

export interface VotingServers {
  readonly driver: typeof import('cassandra-driver');
  readonly client: Pick<Client, 'execute' | 'hosts'>;
  readonly localDataCenter: string;
  readonly traffic: Pick<CassandraTraffic, 'mayTryAgain'>;
}

/**
 * Writes only if there is no such row, by a vote of the servers; returns whether it did. The driver must not
 * repeat it by itself: the row that the first try wrote would look like that of somebody else. Where a server
 * did not answer, another one that is up is asked, and that one no more.
 */
export function serverVote(
  { driver, client, localDataCenter, traffic }: VotingServers,
  query: string,
  params: readonly unknown[],
): Promise<boolean> {
  const { errors, policies, types } = driver;
  const options = {
    serialConsistency: types.consistencies.localSerial,
    isIdempotent: false,
    retry: new policies.retry.FallthroughRetryPolicy(),
  };
  const silent = new Set<unknown>();
  let host: Host | undefined;
  const ask = async () => {
    const result = await client.execute(query, [...params], { ...options, ...(host && { host }) });
    const { '[applied]': _, ...present } = result.first() ?? {};
    return { applied: result.wasApplied(), present: Object.values(present) };
  };
  const mayAskAgain = (error: unknown) => {
    const failure = failedVote(error, errors);
    if (failure === undefined) return false;
    if (failure === 'unanswered') {
      silent.add((error as { readonly coordinator?: string }).coordinator);
      host = anyOf(
        client.hosts.values().filter((one) => isAskable(one) && !silent.has(one.address)),
      );
      if (host === undefined) return false;
    }
    return traffic.mayTryAgain(error as Error);
  };
  const isAskable = (one: Host) => one.isUp() && one.datacenter === localDataCenter;
  return voteOnce(ask, params, mayAskAgain);
}

function anyOf(hosts: readonly Host[]): Host | undefined {
  return hosts[Math.floor(Math.random() * hosts.length)];
}
