import { randomBytes } from 'node:crypto';
import { performance } from 'node:perf_hooks';
import {
  type HuntFold,
  huntApplication,
  idFromHex,
  queryHunts,
  queryTeam,
  queryTreasure,
} from '@hunt/rules';
import type { Application, Clock, SharedLog } from 'veltrix';
import {
  type AssignmentDocument,
  type AssignmentSource,
  PartitionHost,
  type PartitionReport,
  type StandbyOptions,
} from 'veltrix/cluster';
import type { KafkaStateStores } from 'veltrix/kafka';
import type { ProcessorSettings } from '../processor/processor-settings.ts';
import type { OwnerAnswer, OwnerQuery } from './cluster-messages.ts';
import { PreparedStores } from './prepared-stores.ts';

export interface ClusterProcessorsOptions {
  readonly node: string;
  readonly log: SharedLog;
  readonly stores: KafkaStateStores;
  readonly clock: Clock;
  readonly settings: ProcessorSettings;
  readonly replace: AssignmentSource['replace'];
  readonly onOwning: (partition: number, epoch: number) => void;
  readonly onStopped: (partition: number, error: Error) => void;
}

/** Decisions of so many bytes may wait to be read back before a partition takes no more commands. */
const pendingMaxBytes = 16 << 20;
const restartDelayMs = 300;
const readTimeoutMs = 2_000;
const refreshMs = 10_000;
const appendRetryDelayMs = 1_000;

/** All partitions that a node owns or stands by for, on one thread. */
export class ClusterProcessors {
  readonly #options: ClusterProcessorsOptions;
  readonly #stores: PreparedStores;
  readonly #host: PartitionHost;
  readonly #folds = new Map<number, HuntFold>();
  #document: AssignmentDocument | undefined;
  #assignments = 0;
  #onChange: (() => void) | undefined;
  #onDocument: (() => void) | undefined;
  #reportedAt = performance.now();
  #utilization = performance.eventLoopUtilization();
  readonly #reportedNext = new Map<number, number>();

  constructor(options: ClusterProcessorsOptions) {
    const { node, log, clock, stores } = options;
    this.#options = options;
    this.#stores = new PreparedStores(stores);
    this.#host = new PartitionHost({
      ...{ node, partitionCount: log.identity.partitionCount, clock },
      ...{ readTimeoutMs, refreshMs, restartDelayMs },
      source: { read: (...call) => this.#read(...call), replace: options.replace },
      standbyOptions: (partition) => this.#standbyOptions(partition),
      ownerOptions: () => ({
        newToken: () => randomBytes(16),
        transport: {
          deliver: (to, record) => log.partition(to).append('commands', record, () => {}),
        },
        publish: () => {},
        checkpointEveryDecisions: options.settings.checkpointEveryDecisions,
        resendDelayMs: options.settings.resendDelayMs,
        pendingMaxBytes,
        appendRetryDelayMs,
      }),
      onOwning: options.onOwning,
      onStopped: (partition, error) => this.#stopped(partition, error),
    });
  }

  /** The assignment is this from now on. */
  async assign(document: AssignmentDocument): Promise<void> {
    const { node } = this.#options;
    const number = ++this.#assignments;
    const opening: Promise<void>[] = [];
    for (const [partition, { owner, standby, next }] of document.entries()) {
      const isWanted = owner === node || standby === node || next === node;
      if (!isWanted) this.#stores.drop(partition);
      else if (!this.#host.standby(partition)) opening.push(this.#stores.prepare(partition));
    }
    // A partition whose state cannot be read yet is tried again by the host; the others must not wait.
    await Promise.allSettled(opening);
    if (number !== this.#assignments) return;
    this.#document = document;
    const changed = this.#onChange;
    const first = this.#onDocument;
    this.#onChange = undefined;
    this.#onDocument = undefined;
    changed?.();
    first?.();
  }

  #read(onChange: () => void, done: Parameters<AssignmentSource['read']>[1]): void {
    const answer = () => {
      this.#onChange = onChange;
      done(undefined, this.#document);
    };
    if (this.#document) this.#options.clock.defer(answer);
    else this.#onDocument = answer;
  }

  #standbyOptions(partition: number): Omit<StandbyOptions, 'onStopped'> {
    const { log, clock, settings } = this.#options;
    const { layout } = huntApplication;
    const application: Application = {
      layout,
      open: (space, context) => {
        const fold = huntApplication.open(space, context) as HuntFold;
        this.#folds.set(partition, fold);
        return fold;
      },
    };
    return {
      ...{ identity: log.identity, log: log.partition(partition), application, clock },
      store: this.#stores.take(partition),
      tableMaxRows: settings.tableMaxRows,
      onCheckpointDamage: () => {},
    };
  }

  #stopped(partition: number, error: Error): void {
    this.#folds.delete(partition);
    // The next life begins with what is in the topic by then.
    this.#stores.prepare(partition).catch(() => {});
    this.#options.onStopped(partition, error);
  }

  answer(query: OwnerQuery): OwnerAnswer {
    const { partition } = query;
    const standby = this.#host.standby(partition);
    const owner = this.#host.owner(partition);
    const tables = this.#folds.get(partition)?.tables;
    if (query.ask === 'position') {
      if (!standby?.caughtUp) return { owns: false };
      return { owns: true, value: { next: standby.next, position: standby.gate.position } };
    }
    if (owner?.state !== 'deciding' || !tables) return { owns: false };
    if (query.ask === 'hunts') return { owns: true, value: queryHunts(tables) };
    const hunt = idFromHex(query.huntId);
    if (!hunt) return { owns: true };
    if (query.ask === 'treasure') {
      return { owns: true, value: queryTreasure(tables, hunt, query.item) };
    }
    const team = idFromHex(query.teamId);
    return { owns: true, value: team && queryTeam(tables, hunt, team) };
  }

  /** How each partition of this node is; the thread's time since the last report is shared by records folded. */
  report(): PartitionReport[] {
    const now = performance.now();
    const utilization = performance.eventLoopUtilization();
    const { active } = performance.eventLoopUtilization(utilization, this.#utilization);
    const perSecond = active / Math.max(0.001, (now - this.#reportedAt) / 1_000);
    this.#utilization = utilization;
    this.#reportedAt = now;
    const rows = Array.from({ length: this.#options.log.identity.partitionCount }, (_, partition) =>
      this.#partitionRow(partition),
    ).filter((row) => row !== undefined);
    const folded = rows.reduce((sum, { records }) => sum + records, 0);
    return rows.map(({ records, row }) => ({
      ...row,
      cost: folded === 0 ? 0 : (perSecond * records) / folded,
    }));
  }

  #partitionRow(partition: number) {
    const standby = this.#host.standby(partition);
    if (!standby) return undefined;
    const owner = this.#host.owner(partition);
    const records = standby.next - (this.#reportedNext.get(partition) ?? standby.next);
    this.#reportedNext.set(partition, standby.next);
    const row: Omit<PartitionReport, 'cost'> = {
      partition,
      part: owner ? 'owner' : 'standby',
      epoch: standby.gate.epoch,
      progress: standby.next >>> 0,
      waiting: owner?.pending ?? 0,
      queueAgeMs: 0,
      lag: standby.caughtUp ? 0 : 1,
    };
    return { records, row };
  }

  /** Stops at once; what is not read back is decided again by the next owner. */
  stop(): void {
    this.#host.stop();
  }
}
