import type { ProcessorClient } from '@hunt/engine';
import {
  addCommand,
  commandType,
  eventType,
  type HuntDefinition,
  type Id,
  noId,
  outcome,
  partitionOf,
  type SubjectCommand,
  subject,
} from '@hunt/rules';
import { CommandRecordBuilder, DecisionRecordReader, decisionStatus } from 'veltrix';
import { hunt, publishRecord } from './bench-hunt.ts';

/** What the feeder needs of whoever decides. */
export type CommandClient = Pick<
  ProcessorClient,
  'partitionCount' | 'send' | 'onDecided' | 'onRefused' | 'onStopped'
>;

/** Who sent a record: ours is told from the messages between partitions by it. */
const origin = 77;
/**
 * Commands in flight unless told: enough that neither the fold nor the disk waits for the other, and with
 * their decisions well below what a partition lets wait (`log.inflightMaxBytes`).
 */
const inflightDefault = 160_000;

/** Mutable, as the gateway's own draft: it is copied into a record at once. */
export interface Draft extends SubjectCommand {
  type: number;
  /** The bench's own unless it is set. */
  hunt: Id;
  team: Id;
  item: number;
  detail: number;
  value: number;
}

export interface HashedDraft extends Draft {
  extra: Uint8Array;
}

/** Fills in one of the two drafts, and returns it. */
export type NextCommand = (plain: Draft, hashed: HashedDraft) => Draft;

export interface DecidedCounts {
  commands: number;
  accepted: number;
  rejected: number;
  /** Claims that got their last word. */
  settled: number;
  /** Of those, the ones that got the prize. */
  granted: number;
  records: number;
}

/**
 * Feeds the processors' thread as the gateway's batcher does: one record per partition with so many
 * commands, a bounded number of commands in flight, each decision read from the durable batches.
 */
export class CommandFeeder {
  readonly counts: DecidedCounts = {
    commands: 0,
    accepted: 0,
    rejected: 0,
    settled: 0,
    granted: 0,
    records: 0,
  };
  readonly #client: CommandClient;
  readonly #batch: number;
  readonly #inflightMax: number;
  readonly #builders: CommandRecordBuilder[];
  readonly #reader = new DecisionRecordReader();
  readonly #id = new Uint8Array(16);
  readonly #idView = new DataView(this.#id.buffer);
  readonly #plain: Draft;
  readonly #hashed: HashedDraft;
  #inflight = 0;
  #nextId: number;
  #nextBatch = 1;
  #wake: (() => void) | undefined;
  #failure: Error | undefined;

  /** `firstId`: where the command ids begin, so that another life of the process has others. */
  constructor(client: CommandClient, batch: number, firstId = 1, inflightMax = inflightDefault) {
    this.#client = client;
    this.#batch = batch;
    this.#inflightMax = Math.max(inflightMax, 4 * batch);
    this.#nextId = firstId;
    this.#builders = Array.from(
      { length: client.partitionCount },
      () => new CommandRecordBuilder(),
    );
    this.#plain = {
      type: 0,
      receivedAt: Date.now(),
      commandId: this.#id,
      hunt,
      team: noId,
      player: noId,
      item: 0,
      detail: 0,
      value: 0,
    };
    this.#hashed = { ...this.#plain, extra: this.#id };
    client.onDecided((_partition, _offset, record) => this.#decided(record));
    client.onRefused((_partition, _batch, error) => this.#fail(error));
    client.onStopped((_partition, error) => this.#fail(error));
  }

  /** Publishes the hunt to every partition and waits until that is durable. */
  async publish(definition: HuntDefinition): Promise<void> {
    for (let partition = 0; partition < this.#client.partitionCount; partition++) {
      this.#inflight += 1;
      this.#client.send(partition, publishRecord(definition, origin));
    }
    await this.drained();
  }

  /** Sends `count` commands, waiting for room as needed; the last partly filled records go, too. */
  async feed(count: number, next: NextCommand): Promise<void> {
    for (let left = count; left > 0; left--) {
      if (this.#inflight >= this.#inflightMax) await this.#room();
      this.#add(next);
    }
    for (let partition = 0; partition < this.#builders.length; partition++) this.#flush(partition);
  }

  #add(next: NextCommand): void {
    const draft = next(this.#plain, this.#hashed);
    this.#writeId(this.#nextId++);
    const { hunt, team } = draft;
    const count = this.#builders.length;
    const partition = partitionOf(count, hunt.low, hunt.high, team.low, team.high);
    const builder = this.#builders[partition]!;
    addCommand(builder, draft);
    if (builder.count === this.#batch) this.#flush(partition);
  }

  /** Spread over all bytes, as random ones are, and never the same twice. */
  #writeId(number: number): void {
    const view = this.#idView;
    view.setInt32(0, number, true);
    view.setInt32(4, Math.imul(number, 0x9e3779b1), true);
    view.setInt32(8, Math.imul(number, 0x85ebca6b), true);
    view.setInt32(12, Math.imul(number ^ (number >>> 15), 0xc2b2ae35), true);
  }

  #flush(partition: number): void {
    const builder = this.#builders[partition]!;
    const { count } = builder;
    if (count === 0) return;
    this.#inflight += count;
    const record = builder.finish(origin, this.#nextBatch++, this.#plain.receivedAt);
    builder.reset();
    this.#client.send(partition, record);
  }

  #decided(record: Uint8Array): void {
    const reader = this.#reader;
    const problem = reader.open(record);
    if (problem !== undefined) {
      this.#fail(new Error(problem));
      return;
    }
    const { counts } = this;
    const isOurs = reader.origin === origin;
    while (reader.next()) {
      if (isOurs) {
        if (reader.decision.status === decisionStatus.accepted) counts.accepted += 1;
        else counts.rejected += 1;
      }
      while (reader.nextEvent()) {
        const { event } = reader;
        // Where team and treasure are on one partition, a refusal needs no settling.
        const isRefused =
          event.type === eventType.treasureSoldOut &&
          reader.decision.commandType === commandType.claimTreasure;
        if (event.type !== eventType.claimSettled && !isRefused) continue;
        counts.settled += 1;
        if (isRefused) continue;
        if (subject.detail(event.view, event.payloadStart) === outcome.granted) counts.granted += 1;
      }
    }
    if (isOurs) {
      counts.commands += reader.count;
      counts.records += 1;
      this.#inflight -= reader.count;
    }
    if (this.#wake === undefined) return;
    const wake = this.#wake;
    this.#wake = undefined;
    wake();
  }

  #fail(error: Error): void {
    this.#failure = error;
    this.#wake?.();
  }

  async #room(): Promise<void> {
    await this.until(() => this.#inflight < this.#inflightMax);
  }

  /** Waits for decisions until `condition` holds. Throws what stopped the processors. */
  async until(condition: () => boolean): Promise<void> {
    for (;;) {
      if (this.#failure) throw this.#failure;
      if (condition()) return;
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }

  /** Waits until all that was sent is decided and durable. */
  drained(): Promise<void> {
    return this.until(() => this.#inflight === 0);
  }
}
