import { availableParallelism } from 'node:os';
import { idFromHex, partitionOf } from '@hunt/rules';
import { NodeDisk } from 'veltrix';
import { currentDeadline } from 'veltrix/resilience';
import type { Retained } from '../retention/retain-partition.ts';
import type { Span } from '../tracing/span.ts';
import { unpackStandings } from '../views/packed-standings.ts';
import type { PartitionSeed } from '../views/views.ts';
import { BatchBuffers } from './batch-buffers.ts';
import type {
  CommandPort,
  HuntEntry,
  RefusalListener,
  TeamProgress,
  TreasureStock,
} from './command-port.ts';
import { ProcessorBoard } from './processor-board.ts';
import type { PartitionStatus } from './processor-host.ts';
import { partitionsOf } from './processor-log.ts';
import type { ToldFault } from './processor-meter.ts';
import type { ProcessorSettings } from './processor-settings.ts';
import { ProcessorThread } from './processor-thread.ts';
import { type StartedThread, startThreads } from './start-threads.ts';
import type { PackedSeed, Query } from './worker-messages.ts';

type DecidedListener = (partition: number, offset: number, record: Uint8Array) => void;

/** Reaches the processors on their own threads. */
export class ProcessorClient implements CommandPort {
  readonly partitionCount: number;
  readonly logId: string;
  /** Standings as they were when the processors were ready, by partition. */
  readonly seeds: readonly PartitionSeed[];
  /** What each partition's recovery did. */
  readonly recovered: readonly PartitionStatus[];
  /** What its threads show of themselves, by thread; empty when nothing is measured. */
  readonly boards: readonly ProcessorBoard[];
  /** Partition p is on thread p modulo their number. */
  readonly #threads: readonly ProcessorThread[];
  readonly #decided: DecidedListener[] = [];
  readonly #refused: RefusalListener[] = [];
  readonly #stopped: ((partition: number, error: Error) => void)[] = [];
  readonly #spans: ((spans: readonly Span[]) => void)[] = [];
  readonly #faults: ((fault: ToldFault) => void)[] = [];

  constructor(started: readonly StartedThread[]) {
    const [{ ready: first }] = started as [StartedThread];
    this.partitionCount = first.partitionCount;
    this.logId = first.logId;
    const seeds: PartitionSeed[] = [];
    for (const { ready } of started) {
      for (const [index, seed] of ready.seeds.entries()) {
        seeds[ready.partitions[index]!] = unpacked(seed);
      }
    }
    this.seeds = seeds;
    this.boards = started.flatMap(({ board }) => board ?? []);
    this.recovered = byPartition(started.map(({ ready }) => ready.status));
    const listener = {
      decided: (partition: number, offset: number, record: Uint8Array) => {
        for (const decided of this.#decided) decided(partition, offset, record);
      },
      refused: (partition: number, originBatch: number, error: Error) => {
        for (const refused of this.#refused) refused(partition, originBatch, error);
      },
      stopped: (partition: number, error: Error) => {
        for (const stopped of this.#stopped) stopped(partition, error);
      },
      spans: (spans: readonly Span[]) => {
        for (const listener of this.#spans) listener(spans);
      },
      faulted: (fault: ToldFault) => {
        for (const faulted of this.#faults) faulted(fault);
      },
    };
    const buffers = new BatchBuffers();
    this.#threads = started.map((thread) => new ProcessorThread(thread, buffers, listener));
  }

  #threadOf(partition: number): ProcessorThread {
    return this.#threads[partition % this.#threads.length]!;
  }

  #askAll<Answer>(query: Query): Promise<(Answer | undefined)[]> {
    return Promise.all(this.#threads.map((thread) => thread.ask<Answer>(query)));
  }

  send(partition: number, record: Uint8Array): number {
    return this.#threadOf(partition).send(partition, record);
  }

  withdraw(partition: number, ticket: number): boolean {
    return this.#threadOf(partition).withdraw(ticket);
  }

  onDecided(listener: DecidedListener): void {
    this.#decided.push(listener);
  }

  onRefused(listener: RefusalListener): void {
    this.#refused.push(listener);
  }

  onStopped(listener: (partition: number, error: Error) => void): void {
    this.#stopped.push(listener);
  }

  /** Tells the steps that traced commands took there. */
  onSpans(listener: (spans: readonly Span[]) => void): void {
    this.#spans.push(listener);
  }

  /** Tells at what the program faulted, where it is measured: of each thread and type, of one a second. */
  onFault(listener: (fault: ToldFault) => void): void {
    this.#faults.push(listener);
  }

  /** Calls back at once for every damaged checkpoint that the recovery passed over. */
  onCheckpointDamage(listener: (partition: number, file: string, reason: string) => void): void {
    for (const { damage } of this.#threads) {
      for (const { partition, file, reason } of damage) listener(partition, file, reason);
    }
  }

  /** Every partition has all hunts. */
  async hunts(): Promise<HuntEntry[]> {
    return (await this.#threads[0]!.ask<HuntEntry[]>({ ask: 'hunts' })) ?? [];
  }

  async team(huntId: string, teamId: string): Promise<TeamProgress | undefined> {
    const hunt = idFromHex(huntId);
    const team = idFromHex(teamId);
    if (!hunt || !team) return undefined;
    const partition = partitionOf(this.partitionCount, hunt.low, hunt.high, team.low, team.high);
    const query = { ask: 'team', huntId, teamId } as const;
    return this.#threadOf(partition).ask<TeamProgress>(query, currentDeadline());
  }

  /** As far as every partition knows of them. */
  async treasures(huntId: string): Promise<TreasureStock[]> {
    const answers = await this.#askAll<Map<number, TreasureStock>>({ ask: 'treasures', huntId });
    const found = new Map(answers.flatMap((answer) => [...(answer ?? [])]));
    const stocks: TreasureStock[] = [];
    for (let item = 0; ; item++) {
      const stock = found.get(item);
      if (!stock) return stocks;
      stocks.push(stock);
    }
  }

  /** Standings of a partition as they are now, once they are durable. Rejects where it stops before, or its thread is ending. */
  async standings(partition: number): Promise<PartitionSeed> {
    const query = { ask: 'standings', partition } as const;
    const seed = await this.#threadOf(partition).ask<PackedSeed>(query);
    if (seed === undefined) throw new Error('the processors are ending');
    return unpacked(seed);
  }

  async status(): Promise<PartitionStatus[]> {
    return byPartition(await this.#askAll<PartitionStatus[]>({ ask: 'status' }));
  }

  /** Lets go of log segments: see `ProcessorHost.retain`. What a thread that ends has is left out. */
  async retain(archivedEnds: readonly number[], keepBytes: number): Promise<readonly Retained[]> {
    return byPartition(await this.#askAll<Retained[]>({ ask: 'retain', archivedEnds, keepBytes }));
  }

  /** Waits until everything sent before is decided and durable, then ends the threads. */
  async close(): Promise<void> {
    const [first, ...others] = this.#threads;
    await Promise.all(others.map((thread) => thread.close()));
    // It holds the lock of the directory.
    await first!.close();
  }
}

function unpacked({ nextOffset, hunts, teams }: PackedSeed): PartitionSeed {
  return { nextOffset, hunts, teams: unpackStandings(teams) };
}

function byPartition<Of extends { readonly partition: number }>(
  answers: readonly (readonly Of[] | undefined)[],
): Of[] {
  return answers.flatMap((answer) => answer ?? []).sort((a, b) => a.partition - b.partition);
}

/**
 * Starts the processors' threads on a data directory and waits until its partitions are recovered.
 * Unless told otherwise they measure what they do, and trace nothing.
 */
export async function startProcessors(
  directory: string,
  settings: ProcessorSettings,
  { isMeasured = true, isTraced = false } = {},
): Promise<ProcessorClient> {
  const partitions = await partitionsOf(directory, new NodeDisk(), settings);
  const threads = Math.min(settings.threads, partitions, availableParallelism());
  const boards = isMeasured
    ? Array.from({ length: threads }, () => ProcessorBoard.make(partitions))
    : [];
  return new ProcessorClient(await startThreads(directory, settings, threads, boards, isTraced));
}
