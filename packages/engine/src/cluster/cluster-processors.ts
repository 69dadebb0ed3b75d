import { randomBytes } from 'node:crypto';
import { idFromHex } from '@hunt/rules';
import {
  type HuntFold,
  huntApplication,
  queryHunts,
  queryTeam,
  queryTreasure,
} from '@hunt/rules/fold';
import { type Application, type Clock, hasTraces, type SharedLog } from 'veltrix';
import {
  type AssignmentDocument,
  type AssignmentSource,
  type HealthBoard,
  HostHealth,
  PartitionHost,
  retainLog,
  type StandbyOptions,
} from 'veltrix/cluster';
import type { KafkaStateStores } from 'veltrix/kafka';
import type { FoldMeter, FoldTracer } from 'veltrix/processor';
import type { ProcessorMeter } from '../processor/processor-meter.ts';
import type { ProcessorSettings } from '../processor/processor-settings.ts';
import type { OwnerAnswer, RetainQuery, StateQuery } from './cluster-messages.ts';
import { PreparedStores } from './prepared-stores.ts';

export interface ClusterProcessorsOptions {
  readonly node: string;
  readonly log: SharedLog;
  readonly stores: KafkaStateStores;
  readonly clock: Clock;
  readonly settings: ProcessorSettings;
  /** Shows how the partitions are. */
  readonly health: HealthBoard;
  readonly meter: ProcessorMeter;
  /** Traces the commands of a partition; nobody does where there is none. */
  readonly tracer?: ((partition: number) => FoldTracer) | undefined;
  readonly replace: AssignmentSource['replace'];
  readonly onOwning: (partition: number, epoch: number) => void;
  readonly onReleasing: (partition: number) => void;
  readonly onReleased: (partition: number) => void;
  readonly onStopped: (partition: number, error: Error) => void;
}

/** Decisions of so many bytes may wait to be read back before a partition takes no more commands. */
const pendingMaxBytes = 16 << 20;
const restartDelayMs = 300;
const readTimeoutMs = 2_000;
const refreshMs = 10_000;
const appendRetryDelayMs = 1_000;
const unassigned: AssignmentDocument[number] = { owner: '', epoch: 0, standby: '', next: '' };

/** All partitions that a node owns or stands by for, on one thread. */
export class ClusterProcessors {
  readonly #options: ClusterProcessorsOptions;
  readonly #stores: PreparedStores;
  readonly #host: PartitionHost;
  readonly #health: HostHealth;
  readonly #folds = new Map<number, HuntFold>();
  #document: AssignmentDocument | undefined;
  #onChange: (() => void) | undefined;
  #onDocument: (() => void) | undefined;

  constructor(options: ClusterProcessorsOptions) {
    const { node, log, clock, stores, health } = options;
    this.#options = options;
    this.#health = new HostHealth(health);
    this.#stores = new PreparedStores(stores);
    this.#host = new PartitionHost({
      ...{ node, partitionCount: log.identity.partitionCount, clock },
      ...{ readTimeoutMs, refreshMs, restartDelayMs },
      source: { read: (...call) => this.#read(...call), replace: options.replace },
      standbyOptions: (partition) => this.#standbyOptions(partition),
      ownerOptions: () => ({
        newToken: () => randomBytes(16),
        transport: {
          deliver: (to, record) => this.#deliver(to, record),
        },
        publish: () => {},
        checkpointEveryDecisions: options.settings.checkpointEveryDecisions,
        resendDelayMs: options.settings.resendDelayMs,
        pendingMaxBytes,
        appendRetryDelayMs,
      }),
      onOwning: options.onOwning,
      onReleasing: options.onReleasing,
      onReleased: options.onReleased,
      onStopped: (partition, error) => this.#stopped(partition, error),
    });
  }

  /** The assignment is this from now on. */
  assign(document: AssignmentDocument): void {
    this.#document = document;
    for (const [partition, row] of document.entries()) {
      if (this.#isReady(partition, row)) continue;
      // Read again when its state is there, or cannot be read: the host tries by itself from then on.
      const again = () => this.#changed();
      this.#stores.prepare(partition).then(again, again);
    }
    this.#changed();
  }

  /** Whether the host can take it up, or has nothing to do with it. The other partitions do not wait for one that cannot. */
  #isReady(partition: number, { owner, standby, next }: AssignmentDocument[number]): boolean {
    const { node } = this.#options;
    const isWanted = owner === node || standby === node || next === node;
    if (!isWanted) this.#stores.drop(partition);
    return (
      !isWanted || this.#host.standby(partition) !== undefined || this.#stores.isOver(partition)
    );
  }

  #changed(): void {
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
      done(undefined, this.#shown());
    };
    if (this.#document) this.#options.clock.defer(answer);
    else this.#onDocument = answer;
  }

  #shown(): AssignmentDocument | undefined {
    return this.#document?.map((row, partition) =>
      this.#isReady(partition, row) ? row : unassigned,
    );
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
      tracer: this.#options.tracer?.(partition),
      meter: bothMeters(this.#health.meter(partition), this.#options.meter.ofFold(partition)),
    };
  }

  #deliver(to: number, record: Uint8Array): void {
    const { log, tracer } = this.#options;
    const appended = hasTraces(record) ? tracer?.(to).appending(record) : undefined;
    log.partition(to).append('commands', record, (error) => {
      if (!error) appended?.();
    });
  }

  #stopped(partition: number, error: Error): void {
    this.#folds.delete(partition);
    // The next life begins with what is in the topic by then.
    const again = () => this.#changed();
    this.#stores.prepare(partition).then(again, again);
    this.#options.onStopped(partition, error);
  }

  answer(query: StateQuery): OwnerAnswer {
    const { partition } = query;
    const standby = this.#host.standby(partition);
    const tables = this.#folds.get(partition)?.tables;
    if (query.ask === 'position') {
      if (!standby?.caughtUp) return { owns: false };
      return { owns: true, value: { next: standby.next, position: standby.gate.position } };
    }
    const isRecent =
      standby?.caughtUp === true && standby.next >= (query.atLeast ?? Number.POSITIVE_INFINITY);
    if (!tables || !(this.#host.isLatest(partition) || isRecent)) return { owns: false };
    if (query.ask === 'hunts') return { owns: true, value: queryHunts(tables) };
    const hunt = idFromHex(query.huntId);
    if (!hunt) return { owns: true };
    if (query.ask === 'treasure') {
      return { owns: true, value: queryTreasure(tables, hunt, query.item) };
    }
    const team = idFromHex(query.teamId);
    return { owns: true, value: team && queryTeam(tables, hunt, team) };
  }

  /** See `retainLog`: only the owner does it. */
  retain({ partition, ...wish }: RetainQuery, done: (answer: OwnerAnswer) => void): void {
    const standby = this.#host.standby(partition);
    if (!standby || this.#host.owner(partition)?.state !== 'deciding') return done({ owns: false });
    // A log that cannot be asked is kept; the next interval tries again.
    retainLog(standby, wish, (error, retained) => {
      done({ owns: true, value: error ? { ...retained, eventsFrom: 0 } : retained });
    });
  }

  /** To be called a few times a second. */
  showHealth(): void {
    this.#health.update(this.#host);
  }

  /** To be called about once a second. */
  showPartitions(): void {
    const { log, meter } = this.#options;
    for (let partition = 0; partition < log.identity.partitionCount; partition++) {
      const standby = this.#host.standby(partition);
      const owner = this.#host.owner(partition);
      if (!standby) {
        meter.hide(partition);
        continue;
      }
      const { fold, checkpointer } = standby;
      const pending = owner && {
        ...{ entries: owner.pending, bytes: owner.pendingBytes, maxBytes: pendingMaxBytes },
      };
      const lastCheckpoint = checkpointer.last;
      meter.show(partition, { fold, pending, lastCheckpoint, checkpointFailed: false });
    }
  }

  /** Stops at once; what is not read back is decided again by the next owner. */
  stop(): void {
    this.#host.stop();
  }
}

function bothMeters(one: FoldMeter, other: FoldMeter): FoldMeter {
  return {
    begin: () => {
      one.begin();
      other.begin();
    },
    end: () => {
      one.end();
      other.end();
    },
    faulted: (fault) => {
      one.faulted?.(fault);
      other.faulted?.(fault);
    },
  };
}
