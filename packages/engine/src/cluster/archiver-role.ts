import type { Clock, LogSubscription, SharedLog } from 'veltrix';
import { BacklogAge } from 'veltrix/telemetry';
import type { Archive } from '../archive/archive.ts';
import { Archiver } from '../archive/archiver.ts';
import type { ProcessTelemetry } from '../metrics/process-telemetry.ts';
import type { SpanSink } from '../tracing/span.ts';
import { tracedArchive } from '../tracing/traced-archive.ts';
import { GatedEvents } from './gated-events.ts';
import { SharedRole, type SharedRoleOptions } from './shared-role.ts';

export interface ArchiverRoleOptions extends Pick<SharedRoleOptions, 'board' | 'node'> {
  readonly log: SharedLog;
  readonly archive: Archive;
  readonly clock: Clock;
  readonly batchMaxBytes: number;
  /** Told each step of a traced command; nothing is traced without. */
  readonly addSpan?: SpanSink | undefined;
  readonly onBegun: (partition: number) => void;
  readonly onStopped: (partition: number, error: Error) => void;
}

/** What each partition holds ready for the archive; above it, the log is read no further. */
const readyMaxBytes = 8 << 20;
const retryMs = 1_000;

interface Ready {
  readonly records: { readonly offset: number; readonly bytes: Uint8Array }[];
  bytes: number;
  paused: boolean;
  readonly age: BacklogAge;
  subscription: LogSubscription | undefined;
}

/** Brings the decisions that count, of this node's share of partitions, from the shared log into the archive. */
export class ArchiverRole {
  readonly #options: ArchiverRoleOptions;
  readonly #archiver: Archiver;
  readonly #ready = new Map<number, Ready>();
  readonly #role: SharedRole;

  constructor(options: ArchiverRoleOptions) {
    const { log, archive, clock, batchMaxBytes, board, node, onStopped } = options;
    const { partitionCount } = log.identity;
    this.#options = options;
    this.#archiver = new Archiver({
      archive: options.addSpan ? tracedArchive(archive, options.addSpan) : archive,
      ...{ partitionCount, clock, batchMaxBytes, onStopped },
      source: { read: (...call) => this.#read(...call) },
    });
    this.#role = new SharedRole({
      ...{ board, node, role: 'archiver' },
      begin: (partition) => {
        options.onBegun(partition);
        void this.#follow(partition);
      },
      end: (partition) => this.#end(partition),
    });
  }

  #end(partition: number): void {
    this.#ready.get(partition)?.subscription?.stop();
    this.#ready.delete(partition);
  }

  /** Waits for an archive that is away. */
  async #follow(partition: number): Promise<void> {
    const { archive, clock, log, onStopped } = this.#options;
    const ready: Ready = {
      ...{ records: [], bytes: 0, paused: false, subscription: undefined },
      age: new BacklogAge(),
    };
    this.#ready.set(partition, ready);
    const isHeld = () => this.#ready.get(partition) === ready;
    let from: number | undefined;
    while (from === undefined && isHeld()) {
      from = await archive.nextOffset(partition).catch(() => undefined);
      if (from === undefined) {
        await new Promise<void>((resolve) => clock.after(retryMs, resolve));
      }
    }
    if (!isHeld()) return;
    ready.subscription = new GatedEvents(log.partition(partition)).follow(Math.max(1, from!), {
      record: (offset, bytes) => {
        ready.records.push({ offset, bytes: bytes.slice() });
        ready.bytes += bytes.length;
        ready.age.reached(offset + 1, performance.now());
        this.#pace(ready);
        this.#archiver.durable(partition, offset + 1);
      },
      ended: (error) => {
        if (isHeld()) onStopped(partition, error);
      },
    });
  }

  #pace(ready: Ready): void {
    const isFull = ready.bytes >= (ready.paused ? readyMaxBytes / 2 : readyMaxBytes);
    if (isFull === ready.paused) return;
    ready.paused = isFull;
    if (isFull) ready.subscription?.pause();
    else ready.subscription?.resume();
  }

  /** A batch that could not be archived is asked for again: what is below `from` is let go of. */
  #read(
    partition: number,
    from: number,
    maxBytes: number,
    visit: (offset: number, bytes: Uint8Array) => void,
    below: number,
  ): number {
    const ready = this.#ready.get(partition);
    if (ready === undefined) return from;
    const { records } = ready;
    const kept = records.findIndex(({ offset }) => offset >= from);
    for (const { bytes } of records.splice(0, kept < 0 ? records.length : kept)) {
      ready.bytes -= bytes.length;
    }
    this.#pace(ready);
    let next = from;
    let visited = 0;
    for (const { offset, bytes } of records) {
      if (offset >= below || visited >= maxBytes) break;
      visit(offset, bytes);
      visited += bytes.length;
      next = offset + 1;
    }
    return next;
  }

  /** Shows how far behind it is, and what it holds ready. */
  measure({ lags, queues }: ProcessTelemetry): void {
    lags.add('archiver', this.#options.log.identity.partitionCount, (partition) => {
      const ready = this.#ready.get(partition);
      if (!ready) return undefined;
      const archived = this.#archiver.archivedEnd(partition);
      // While it reads on, what is in the log and was not shown to it does not count.
      const unread = ready.paused ? (ready.subscription?.end ?? 0) - archived : 0;
      const seconds = ready.age.ageMs(archived, performance.now()) / 1_000;
      return { records: Math.max(this.#archiver.lag(partition), unread), seconds };
    });
    queues.add('archive-ready', (emit) => {
      for (const [partition, { bytes, records }] of this.#ready) {
        emit({ bytes, limitBytes: readyMaxBytes, entries: records.length }, partition);
      }
    });
  }

  /** Ends after the batch in work; the archive stays open. */
  close(): Promise<void> {
    this.#role.close();
    return new Promise((resolve) => this.#archiver.stop(resolve));
  }
}
