import { CodedError, systemClock } from 'veltrix';
import { engineErrors } from '../../errors.ts';
import type { ArchivedDecision, ArchivedEvent, EventQuery, SharedArchive } from '../archive.ts';
import { checkLimit } from '../query-key.ts';
import { planAppend } from './append-plan.ts';
import { Availability } from './availability.ts';
import { type CassandraArchiveOptions, checkOptions } from './cassandra-options.ts';
import { CassandraQueries } from './cassandra-queries.ts';
import { CassandraSession, type Statement } from './cassandra-session.ts';
import { reads } from './cql.ts';
import { prepareKeyspace } from './keyspace.ts';
import { emptyPlacement, type Placement } from './placement.ts';
import { onceSchemaSettles } from './settled-schema.ts';
import { readWholeRecords } from './whole-records.ts';
import { isOfOneServer } from './withheld-retry.ts';

interface Connection {
  readonly session: CassandraSession;
  readonly queries: CassandraQueries;
}

/**
 * The archive in a keyspace of Cassandra: decision records in parts, and by what they are found, packed
 * into rows that lie together. docs/decisions/0010-archive-in-cassandra.md says why.
 *
 * All that an append writes counts once the partition's cursor is beyond it: a failed append leaves
 * nothing to be seen, and the next one writes the same rows again. Two processes that archive the same
 * partition write the same rows.
 *
 * Questions are refused where too many wait; an archiver is not, which has one append of a partition under way.
 *
 * It connects with the first call, and tries again while there is no server. Questions are then refused
 * without waiting.
 * Throws `engine-archive-unavailable`, `engine-archive-stopped`, `engine-archive-busy`,
 * `veltrix-record-invalid`; and for what an operator has to change, before anything is written:
 * `engine-archive-not-cassandra`, `engine-archive-credentials`, `engine-archive-refused`,
 * `engine-archive-option-invalid`,
 * `engine-archive-replication-mismatch`, `engine-archive-keyspace-version`,
 * `engine-archive-log-mismatch`.
 */
export class CassandraArchive implements SharedArchive {
  readonly #options: CassandraArchiveOptions;
  readonly #connectSession: typeof CassandraSession.connect;
  readonly #placements = new Map<number, Placement>();
  /** By partition: the append that is under way, for which the next one waits. */
  readonly #appends = new Map<number, Promise<void>>();
  readonly #availability = new Availability({
    clock: systemClock,
    probe: async () => (await this.#connected()).session.rows(reads.cursors, []),
  });
  #connecting: Promise<Connection> | undefined;
  #closing: Promise<void> | undefined;

  constructor(
    options: CassandraArchiveOptions,
    connect: typeof CassandraSession.connect = CassandraSession.connect,
  ) {
    checkOptions(options);
    this.#options = options;
    this.#connectSession = connect;
  }

  /** False while nothing but a probe asks the servers, since they did not answer. */
  get isUp(): boolean {
    return this.#availability.isUp;
  }

  /** Connects, and makes or checks the keyspace. Calls do so by themselves. */
  async connect(): Promise<void> {
    await this.#answered(async () => {});
  }

  /** As the servers have it, also where another process has archived meanwhile. */
  async nextOffset(partition: number): Promise<number> {
    const { session } = await this.#connected();
    await this.#appends.get(partition)?.catch(() => {});
    if (!this.#appends.has(partition)) this.#placements.delete(partition);
    return (await this.#placement(session, partition)).nextOffset;
  }

  async append(
    partition: number,
    records: readonly { offset: number; bytes: Uint8Array }[],
  ): Promise<void> {
    const before = this.#appends.get(partition);
    const appending = (async () => {
      await before?.catch(() => {});
      await this.#append(partition, records);
    })();
    this.#appends.set(partition, appending);
    try {
      await appending;
    } finally {
      if (this.#appends.get(partition) === appending) this.#appends.delete(partition);
    }
  }

  async events(query: EventQuery): Promise<readonly ArchivedEvent[]> {
    checkLimit(query);
    return this.#answered((queries) => queries.events(query));
  }

  async decision(commandId: string): Promise<ArchivedDecision | undefined> {
    return this.#answered((queries) => queries.decision(commandId));
  }

  async archivedEnd(partition: number): Promise<number> {
    const { session } = await this.#connected();
    const [row] = await this.#heard(session.rows(reads.cursor, [partition]));
    return Number(row?.['next_offset'] ?? 0);
  }

  async records(
    partition: number,
    from: number,
    visit: (offset: number, bytes: Uint8Array) => void,
  ): Promise<number> {
    const below = await this.archivedEnd(partition);
    const { session } = await this.#connected();
    if (from >= below) return from;
    return this.#heard(readWholeRecords(session, partition, from, below, visit));
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    this.#availability.close();
    const connection = await this.#connecting?.catch(() => undefined);
    await connection?.session.close();
  }

  async #append(
    partition: number,
    records: readonly { offset: number; bytes: Uint8Array }[],
  ): Promise<void> {
    const { session } = await this.#connected();
    try {
      const placement = await this.#placement(session, partition);
      const fresh = records.filter(({ offset }) => offset >= placement.nextOffset);
      if (fresh.length === 0) return;
      const plan = planAppend(partition, placement, fresh);
      await this.#heard(session.write(plan.groups(), 'unrefused'));
      await this.#heard(session.write([[plan.cursor] satisfies Statement[]], 'unrefused'));
      this.#placements.set(partition, plan.placement);
    } catch (error) {
      // Nobody knows whether the cursor was written: it is read again.
      this.#placements.delete(partition);
      throw error;
    }
  }

  async #placement(session: CassandraSession, partition: number): Promise<Placement> {
    const known = this.#placements.get(partition);
    if (known) return known;
    const [row] = await this.#heard(session.rows(reads.cursor, [partition], 'unrefused'));
    const placement = row ? (JSON.parse(String(row['state'])) as Placement) : emptyPlacement;
    this.#placements.set(partition, placement);
    return placement;
  }

  /** An answer ends an outage, whoever asked: also who goes on asking while others are told at once. */
  async #heard<Answer>(asked: Promise<Answer>): Promise<Answer> {
    const answer = await asked;
    this.#availability.answered();
    return answer;
  }

  /** Whoever asks while nobody answers is told so at once; archiving goes on trying. */
  async #answered<Answer>(ask: (queries: CassandraQueries) => Promise<Answer>): Promise<Answer> {
    this.#availability.check();
    try {
      return await this.#heard(ask((await this.#connected()).queries));
    } catch (error) {
      const isUnavailable =
        error instanceof CodedError && error.id === 'engine-archive-unavailable';
      if (isUnavailable && !isOfOneServer(error)) this.#availability.failed(error);
      throw error;
    }
  }

  async #connected(): Promise<Connection> {
    if (this.#closing)
      throw engineErrors.create('engine-archive-stopped', { reason: 'it is closed' });
    this.#connecting ??= onceSchemaSettles(() => this.#connect());
    try {
      return await this.#connecting;
    } catch (error) {
      this.#connecting = undefined;
      this.#options.onProblem?.(error as Error);
      throw error;
    }
  }

  async #connect(): Promise<Connection> {
    const options = this.#options;
    const outside = await this.#connectSession(options);
    try {
      await prepareKeyspace(outside, options);
    } finally {
      await outside.close();
    }
    const session = await this.#connectSession(options, options.keyspace);
    return { session, queries: new CassandraQueries(session) };
  }
}

/** Whether waiting may mend it, so that the archive can begin without it. */
export function mayPass(error: unknown): boolean {
  return error instanceof CodedError && error.retry !== 'never';
}
