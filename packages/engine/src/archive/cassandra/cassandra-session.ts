import type { Client, Host } from 'cassandra-driver';
import { tlsConnectionOptions, tlsProblem } from 'veltrix/tls';
import { engineErrors } from '../../errors.ts';
import { budgetedRetries } from './budgeted-retries.ts';
import { type CassandraArchiveOptions, invalid } from './cassandra-options.ts';
import { cassandraQuestion, probeCassandraAddress } from './cassandra-probe.ts';
import { CassandraTraffic } from './cassandra-traffic.ts';
import { statementBytes, writeGroups } from './grouped-writes.ts';
import type { Entry } from './inflight-gate.ts';
import { serverVote } from './server-vote.ts';
import { WithheldRetry } from './withheld-retry.ts';
import { isWithoutConnection } from './without-connection.ts';

/** A prepared statement with its values: numbers for int and double, bigints for bigint. */
export interface Statement {
  readonly query: string;
  readonly params: readonly unknown[];
  /** About how large it is. */
  readonly bytes: number;
}

export type Row = Readonly<Record<string, unknown>>;

/** A host as the driver itself sees it. */
type ClosableHost = Host & { shutdown(drain: boolean): Promise<void> };

type Driver = typeof import('cassandra-driver');

/** What the driver itself goes by, each time that it asks something; connections have the same object. */
interface ClientInside {
  readonly options: { readonly socketOptions: { readTimeout: number } };
}

/** A server that was lost is tried again this often; the driver's own schedule waits up to half a minute. */
const reconnectMs = 500;
const usualConnectTimeoutMs = 3000;
const usualRequestTimeoutMs = 5_000;
const usualPort = 9_042;
const probeTimeoutMs = 500;
const tlsProbeTimeoutMs = 1_000;

/**
 * The driver behind a narrow door: prepared statements only, each to a server that has the data, a
 * bounded number and size on their way, retries that have a budget, `LOCAL_QUORUM`, a deadline each, and our errors:
 * `engine-archive-unavailable`, `engine-archive-refused`, `engine-archive-credentials`,
 * `engine-archive-tls`, `engine-archive-not-cassandra`, `engine-archive-option-invalid`, `engine-archive-busy`.
 */
export class CassandraSession {
  readonly #options: CassandraArchiveOptions;
  readonly #driver: Driver;
  readonly #client: Client;
  readonly #traffic: CassandraTraffic;
  readonly #hosts = new Set<Host>();

  private constructor(
    options: CassandraArchiveOptions,
    driver: Driver,
    client: Client,
    traffic: CassandraTraffic,
  ) {
    this.#options = options;
    this.#driver = driver;
    this.#client = client;
    this.#traffic = traffic;
  }

  /** The driver is loaded here, and not before: who has no Cassandra does not pay for it. */
  static async connect(
    options: CassandraArchiveOptions,
    keyspace?: string,
  ): Promise<CassandraSession> {
    const { default: driver } = await import('cassandra-driver');
    const { policies, types } = driver;
    const { contactPoints, localDataCenter, credentials, tls } = options;
    const { traffic = new CassandraTraffic(), connectTimeoutMs } = options;
    const { requestTimeoutMs = usualRequestTimeoutMs } = options;
    const client = new driver.Client({
      contactPoints: [...contactPoints],
      localDataCenter,
      ...(keyspace === undefined ? {} : { keyspace }),
      ...(credentials === undefined ? {} : { credentials }),
      ...(tls && { sslOptions: tlsConnectionOptions(tls) }),
      policies: {
        // To a server that has the data, of two the one with fewer requests on their way.
        loadBalancing: new policies.loadBalancing.DefaultLoadBalancingPolicy({
          localDc: localDataCenter,
        }),
        reconnection: new policies.reconnection.ConstantReconnectionPolicy(reconnectMs),
        retry: budgetedRetries(policies.retry.RetryPolicy, traffic),
      },
      queryOptions: {
        prepare: true,
        isIdempotent: true,
        consistency: types.consistencies.localQuorum,
        fetchSize: 1000,
      },
      socketOptions: {
        connectTimeout: connectTimeoutMs ?? usualConnectTimeoutMs,
        readTimeout: connectTimeoutMs ?? requestTimeoutMs,
        // A server that does not answer is dropped, so that its next answers are not waited for.
        defunctReadTimeoutThreshold: 8,
      },
      // Of the servers that the contact points tell of: they say an address and no port.
      protocolOptions: { port: portOf(contactPoints) },
      encoding: { useBigIntAsLong: true },
    });
    const session = new CassandraSession(options, driver, client, traffic);
    try {
      client.on('hostAdd', (host: Host) => session.#hosts.add(host));
      await client.connect();
      (client as unknown as ClientInside).options.socketOptions.readTimeout = requestTimeoutMs;
      for (const host of client.hosts.values()) session.#hosts.add(host);
      return session;
    } catch (error) {
      await session.close().catch(() => {});
      throw (await session.#foreign(error)) ?? session.#coded(error);
    }
  }

  /** The driver does not tell a server that is down from one that is no Cassandra. */
  async #foreign(error: unknown): Promise<Error | undefined> {
    if (!(error instanceof this.#driver.errors.NoHostAvailableError)) return undefined;
    const { contactPoints, tls } = this.#options;
    const addresses = contactPoints.map((point) =>
      point.includes(':') ? point : `${point}:${usualPort}`,
    );
    const problem = await tlsProblem({
      ...{ addresses, tls, scope: 'cassandra', plainQuestion: cassandraQuestion },
      timeoutMs: tlsProbeTimeoutMs,
    });
    if (problem) return engineErrors.create('engine-archive-tls', { ...problem }, { cause: error });
    // Behind encryption nothing can be told by a plain question.
    if (tls) return undefined;
    const probed = await Promise.all(
      contactPoints.map((address) => probeCassandraAddress(address, probeTimeoutMs)),
    );
    const address = contactPoints[probed.indexOf('other')];
    if (address === undefined) return undefined;
    return engineErrors.create('engine-archive-not-cassandra', { address }, { cause: error });
  }

  /** Servers of the data centre, `host:port`, to which there is no connection: they are gone, refuse it, or do not answer. */
  unconnected(): string[] {
    const { localDataCenter } = this.#options;
    const hosts = this.#client.hosts.values();
    const silent = hosts.filter((host) => host.datacenter === localDataCenter && !host.isUp());
    return silent.map(({ address }) => address);
  }

  /** Rows of one Cassandra partition, all of them. */
  async rows(query: string, params: readonly unknown[], entry?: Entry): Promise<Row[]> {
    return this.#sent(statementBytes, () => this.#rowsOf(query, params), entry);
  }

  /**
   * Rows of a table of which each server has its own, such as `system.peers`: of one server, and of the same each time
   * while there is a connection to it.
   */
  async rowsOfOneServer(query: string, params: readonly unknown[]): Promise<Row[]> {
    const { localDataCenter } = this.#options;
    const hosts = this.#client.hosts.values();
    const host = hosts.find((one) => one.isUp() && one.datacenter === localDataCenter);
    const options = host && { host };
    return this.#sent(statementBytes, () => this.#rowsOf(query, params, options));
  }

  async #rowsOf(
    query: string,
    params: readonly unknown[],
    options: { readonly host?: Host } = {},
  ): Promise<Row[]> {
    const rows: Row[] = [];
    for await (const row of await this.#client.execute(query, [...params], options)) {
      rows.push(row as Row);
    }
    return rows;
  }

  /** Defines something; not prepared, because the server cannot. */
  async define(statement: string): Promise<void> {
    const options = { prepare: false, isIdempotent: true, readTimeout: 30_000 };
    await this.#sent(statement.length, () => this.#client.execute(statement, [], options));
  }

  /** Writes only if there is no such row; returns whether it did. Slow: a vote of the servers. */
  async writeIfNew(query: string, params: readonly unknown[]): Promise<boolean> {
    const { localDataCenter } = this.#options;
    const servers = { driver: this.#driver, client: this.#client, traffic: this.#traffic };
    return this.#sent(statementBytes, () =>
      serverVote({ ...servers, localDataCenter }, query, params),
    );
  }

  /**
   * Writes in turn what each group holds. The statements of a group are of one Cassandra partition and
   * go there at once. Waits for room, then for the last answer; after a failure no more are sent.
   */
  async write(groups: Iterable<readonly Statement[]>, entry: Entry = 'refusable'): Promise<void> {
    try {
      await writeGroups(groups, (group) => this.#send(group), this.#traffic.gate, entry);
    } catch (error) {
      throw this.#coded(error);
    }
  }

  /**
   * The driver shuts down the hosts that it still knows. One that was replaced when its server came back
   * keeps a timer, and the process alive, so all that were ever met are shut down.
   */
  async close(): Promise<void> {
    await this.#client.shutdown();
    for (const host of this.#hosts) await (host as ClosableHost).shutdown(false);
  }

  async #send(group: readonly Statement[]): Promise<void> {
    this.#traffic.retries.asked();
    const queries = group.map(({ query, params }) => ({ query, params: [...params] }));
    const [first] = queries;
    if (first && queries.length === 1) await this.#client.execute(first.query, first.params);
    else await this.#client.batch(queries, { logged: false });
  }

  async #sent<Result>(bytes: number, send: () => Promise<Result>, entry?: Entry): Promise<Result> {
    const { gate, retries } = this.#traffic;
    await gate.enter(bytes, entry);
    retries.asked();
    try {
      return await send();
    } catch (error) {
      throw this.#coded(error);
    } finally {
      gate.leave(bytes);
    }
  }

  /** The driver's errors as ours. What is not one of them is a mistake of ours and passes. */
  #coded(error: unknown): unknown {
    const { errors } = this.#driver;
    if (!(error instanceof errors.DriverError || isWithoutConnection(error))) return error;
    const inner = innerErrors(error);
    const causes = [error, ...inner.values()];
    const { keyspace, localDataCenter } = this.#options;
    const servers = this.#options.contactPoints.join(', ');
    if (causes.some((one) => one instanceof errors.AuthenticationError)) {
      return engineErrors.create('engine-archive-credentials', { servers }, { cause: error });
    }
    // The driver tells it in words only.
    if (causes.some(({ message }) => message.includes('localDataCenter was configured as'))) {
      const expected = `one that the servers ${servers} have: ${causes.at(-1)?.message}`;
      return invalid('localDataCenter', localDataCenter, expected, error);
    }
    const refusal = causes.find(
      (one) => one instanceof errors.ResponseError && isRefusal(one.code),
    );
    if (refusal) {
      const details = { keyspace, reason: refusal.message };
      return engineErrors.create('engine-archive-refused', details, { cause: error });
    }
    const reasons = [...inner].map(([server, { message }]) => `${server}: ${message}`);
    const reason = reasons.length > 0 ? reasons.join('; ') : error.message;
    const cause = this.#traffic.withheld.has(error) ? new WithheldRetry(error) : error;
    return engineErrors.create('engine-archive-unavailable', { servers, reason }, { cause });
  }
}

/** Of the first contact point; those of one cluster have the same. */
function portOf([first = '']: readonly string[]): number {
  return Number(/:(\d+)$/.exec(first)?.[1] ?? usualPort);
}

/** What went wrong with each server, where none was left to ask. */
function innerErrors(error: Error): Map<string, Error> {
  const { innerErrors: inner } = error as {
    readonly innerErrors?: Readonly<Record<string, Error>>;
  };
  return new Map(Object.entries(inner ?? {}).filter(([, one]) => one instanceof Error));
}

/**
 * Codes 0x2000 to 0x24ff (syntax, not authorised, invalid, configuration, exists already): asking again
 * gets the same answer. Lower ones are about the state of the servers.
 */
function isRefusal(code: number): boolean {
  return code >= 0x2000 && code < 0x2500;
}
