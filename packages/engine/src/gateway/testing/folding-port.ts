import { idFromHex, partitionOf } from '@hunt/rules';
import {
  type HuntFold,
  huntApplication,
  queryHunts,
  queryTeam,
  queryTreasure,
} from '@hunt/rules/fold';
import type { Application, Clock, RecordVisitor, StateStore } from 'veltrix';
import { Processor } from 'veltrix/processor';
import type {
  CommandPort,
  HuntEntry,
  RefusalListener,
  TeamProgress,
  TreasureStock,
} from '../../processor/command-port.ts';

import { MemoryLogPartition } from './memory-log-partition.ts';

type DecidedListener = (partition: number, ...record: Parameters<RecordVisitor>) => void;
type StoppedListener = (partition: number, error: Error) => void;

/** A command port that runs real processors with the real rules in this thread, on logs in memory. */
export class FoldingPort implements CommandPort {
  readonly partitionCount: number;
  readonly #processors: Processor[] = [];
  readonly #folds: HuntFold[] = [];
  readonly #clock: Clock;
  readonly #tableMaxRows: number;
  readonly #decided: DecidedListener[] = [];
  readonly #refused: RefusalListener[] = [];
  readonly #stopped: StoppedListener[] = [];
  #held: Map<number, () => void> | undefined;
  #isHeldBegun = false;
  #tickets = 0;
  #messagesLost = false;
  #isClosed = false;
  #refusal: Error | undefined;

  constructor(clock: Clock, partitionCount = 1, tableMaxRows = 1_000_000) {
    this.#clock = clock;
    this.partitionCount = partitionCount;
    this.#tableMaxRows = tableMaxRows;
    for (let partition = 0; partition < partitionCount; partition++) this.#open(partition);
  }

  #open(partition: number): void {
    const application: Application = {
      layout: huntApplication.layout,
      open: (space, context) => {
        const fold = huntApplication.open(space, context) as HuntFold;
        this.#folds[partition] = fold;
        return fold;
      },
    };
    this.#processors[partition] = new Processor({
      identity: { logId: '0'.repeat(32), partitionCount: this.partitionCount, dedupeWindow: 4_096 },
      log: new MemoryLogPartition(partition, this.#clock),
      store: noStore,
      application,
      clock: this.#clock,
      transport: {
        deliver: (to, record) => {
          if (this.#messagesLost) return;
          const copy = record.slice();
          this.#clock.defer(() => this.#submit(to, copy));
        },
      },
      publish: (offset, bytes) => {
        for (const listener of this.#decided) listener(partition, offset, bytes);
      },
      onStopped: (error) => this.stop(partition, error),
      onCheckpointDamage: () => {},
      epoch: 1,
      tableMaxRows: this.#tableMaxRows,
      checkpointEveryDecisions: Number.MAX_SAFE_INTEGER,
      resendDelayMs: 1_000,
    });
  }

  /** What is sent from now on waits for `release`: before it is begun, so that it can be withdrawn, or begun already. */
  hold({ isBegun = false } = {}): void {
    this.#held ??= new Map();
    this.#isHeldBegun = isBegun;
  }

  /** Records that wait for it. */
  get heldRecords(): number {
    return this.#held?.size ?? 0;
  }

  release(): void {
    const held = this.#held?.values() ?? [];
    this.#held = undefined;
    for (const send of held) send();
  }

  /** Messages between partitions are lost from now on, or no longer. */
  loseMessages(lost = true): void {
    this.#messagesLost = lost;
  }

  /** The next record is not taken. */
  refuseNext(error: Error): void {
    this.#refusal = error;
  }

  stop(partition: number, error: Error): void {
    for (const listener of this.#stopped) listener(partition, error);
  }

  #submit(partition: number, record: Uint8Array): void {
    if (!this.#isClosed) this.#processors[partition]!.submit(record);
  }

  /** Lets go of timers. */
  close(): void {
    this.#isClosed = true;
    for (const processor of this.#processors) processor.close();
  }

  send(partition: number, borrowed: Uint8Array): number {
    const record = borrowed.slice();
    const refusal = this.#refusal;
    this.#refusal = undefined;
    const number = new DataView(record.buffer, record.byteOffset).getUint32(12, true);
    const submit = () => {
      if (refusal === undefined) this.#submit(partition, record);
      else for (const listener of this.#refused) listener(partition, number, refusal);
    };
    const ticket = ++this.#tickets;
    if (this.#held === undefined) this.#clock.defer(submit);
    else this.#held.set(ticket, submit);
    return ticket;
  }

  withdraw(_partition: number, ticket: number): boolean {
    return !this.#isHeldBegun && (this.#held?.delete(ticket) ?? false);
  }

  onDecided(listener: DecidedListener): void {
    this.#decided.push(listener);
  }

  onRefused(listener: RefusalListener): void {
    this.#refused.push(listener);
  }

  onStopped(listener: StoppedListener): void {
    this.#stopped.push(listener);
  }

  async hunts(): Promise<HuntEntry[]> {
    return queryHunts(this.#folds[0]!.tables);
  }

  async team(huntId: string, teamId: string): Promise<TeamProgress | undefined> {
    const hunt = idFromHex(huntId)!;
    const team = idFromHex(teamId)!;
    const count = this.partitionCount;
    const partition = partitionOf(count, hunt.low, hunt.high, team.low, team.high);
    return queryTeam(this.#folds[partition]!.tables, hunt, team);
  }

  async treasures(huntId: string): Promise<TreasureStock[]> {
    const hunt = idFromHex(huntId)!;
    const stocks: TreasureStock[] = [];
    for (;;) {
      const item = stocks.length;
      const partition = partitionOf(this.partitionCount, hunt.low, hunt.high, item, 0);
      const stock = queryTreasure(this.#folds[partition]!.tables, hunt, item);
      if (stock === undefined) return stocks;
      stocks.push(stock);
    }
  }
}

/** Nothing is checkpointed: the logs end with the test. */
const noStore: StateStore = {
  load: () => undefined,
  next: () => 'full',
  begin: () => {
    throw new Error('no checkpoint is ever due');
  },
  oldestEventOffset: () => 0,
  close: () => {},
};
