import { CodedError } from 'veltrix';
import { CircuitBreaker } from 'veltrix/cluster';
import type { CassandraArchiveOptions } from '../../archive/cassandra/cassandra-options.ts';
import { CassandraSession, type Row } from '../../archive/cassandra/cassandra-session.ts';
import { onceSchemaSettles } from '../../archive/cassandra/settled-schema.ts';
import { isOfOneServer } from '../../archive/cassandra/withheld-retry.ts';
import { engineErrors } from '../../errors.ts';
import { identityTables, identityVersion, markTable } from './identity-cql.ts';

export type IdentityPlace = Pick<
  CassandraArchiveOptions,
  | 'contactPoints'
  | 'localDataCenter'
  | 'keyspace'
  | 'replication'
  | 'credentials'
  | 'tls'
  | 'requestTimeoutMs'
  | 'traffic'
>;

/** One failure opens it: a crowd must not wait for a server that is away. Then one call at a time finds out. */
const breakerSettings = { failuresMax: 1, openMs: 1_000, openMaxMs: 2_000 };
const passing = ['engine-archive-unavailable', 'engine-archive-busy'];

/**
 * The keyspace of people: connects with the first call, makes it or checks it. While no server answers,
 * calls throw `engine-identity-unavailable`; a keyspace of another version is `engine-store-version`.
 */
export class IdentitySession {
  readonly #place: CassandraArchiveOptions;
  readonly #connectSession: typeof CassandraSession.connect;
  #connecting: Promise<CassandraSession> | undefined;
  readonly #breaker = new CircuitBreaker(breakerSettings);
  #failure: Error | undefined;
  #closing: Promise<void> | undefined;

  constructor(
    place: IdentityPlace,
    connect: typeof CassandraSession.connect = CassandraSession.connect,
  ) {
    this.#place = { ...place, logId: '' };
    this.#connectSession = connect;
  }

  /** Whether the servers are asked: they are left alone for a while after they did not answer. */
  get isUp(): boolean {
    return !this.#breaker.isOpen;
  }

  rows(query: string, ...params: readonly unknown[]): Promise<Row[]> {
    return this.#with((session) => session.rows(query, params));
  }

  /** Whether it was applied: asked of the servers by vote. */
  vote(query: string, ...params: readonly unknown[]): Promise<boolean> {
    return this.#with((session) => session.writeIfNew(query, params));
  }

  write(query: string, ...params: readonly unknown[]): Promise<void> {
    const bytes = params.reduce<number>((sum, value) => sum + String(value).length, 0);
    return this.#with((session) => session.write([[{ query, params, bytes }]]));
  }

  async #with<Result>(work: (session: CassandraSession) => Promise<Result>): Promise<Result> {
    if (this.#closing) throw this.#store('it is closed');
    if (!this.#breaker.enter(performance.now())) throw this.#failure!;
    try {
      const result = await work(await this.#connected());
      this.#breaker.succeeded();
      return result;
    } catch (error) {
      if (!(error instanceof CodedError && passing.includes(error.id))) {
        this.#breaker.succeeded();
        throw error;
      }
      const details = { servers: this.#place.contactPoints.join(', '), reason: error.message };
      const failure = engineErrors.create('engine-identity-unavailable', details, { cause: error });
      // That too many wait here, or that one server failed and no other was asked, says nothing of them all.
      if (error.id === 'engine-archive-busy' || isOfOneServer(error)) {
        this.#breaker.abandoned();
        throw failure;
      }
      this.#failure = failure;
      this.#breaker.failed(performance.now());
      throw failure;
    }
  }

  #store(reason: string): Error {
    const file = `keyspace ${this.#place.keyspace}`;
    return engineErrors.create('engine-store-failed', { file, reason });
  }

  async #connected(): Promise<CassandraSession> {
    this.#connecting ??= this.#connect();
    try {
      return await this.#connecting;
    } catch (error) {
      this.#connecting = undefined;
      throw error;
    }
  }

  async #connect(): Promise<CassandraSession> {
    const outside = await this.#connectSession(this.#place);
    try {
      await onceSchemaSettles(() => this.#makeTables(outside));
    } finally {
      await outside.close();
    }
    return this.#connectSession(this.#place, this.#place.keyspace);
  }

  async #makeTables(outside: CassandraSession): Promise<void> {
    const { keyspace, replication } = this.#place;
    const copies = Object.entries(replication)
      .map(([name, value]) => `'${name}': '${value}'`)
      .join(', ');
    await outside.define(
      `CREATE KEYSPACE IF NOT EXISTS ${keyspace} WITH replication = {${copies}}`,
    );
    const inKeyspace = (create: string) =>
      outside.define(create.replace('IF NOT EXISTS ', `IF NOT EXISTS ${keyspace}.`));
    await inKeyspace(markTable);
    await outside.writeIfNew(
      `INSERT INTO ${keyspace}.people_store (name, version) VALUES ('people', ?) IF NOT EXISTS`,
      [identityVersion],
    );
    const query = `SELECT version FROM ${keyspace}.people_store WHERE name = 'people'`;
    const found = (await outside.rows(query, []))[0]?.['version'];
    if (found !== identityVersion) {
      const details = { file: `keyspace ${keyspace}`, found: String(found) };
      throw engineErrors.create('engine-store-version', { ...details, expected: identityVersion });
    }
    for (const table of identityTables) await inKeyspace(table);
  }

  /** Connects, and makes or checks the keyspace; calls do so by themselves. */
  async connect(): Promise<void> {
    await this.#with(async () => {});
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    const session = await this.#connecting?.catch(() => undefined);
    await session?.close();
  }
}
