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
