import type { LogIdentity } from '../../log/log.ts';
import type { SimulatedLogCluster } from '../../log/simulated/simulated-log-cluster.ts';
import { EventGate } from '../../ownership/event-gate.ts';
import type { Application } from '../../processor/application.ts';
import { PartitionFold } from '../../processor/partition-fold.ts';
import { DecisionRecordReader } from '../../records/decision-record.ts';
import { SimulationFailure } from '../simulation-failure.ts';
import type { TapedRecord } from '../tape.ts';
import { tableMaxRows } from './cluster-node.ts';

export interface LogWatcherOptions {
  readonly cluster: SimulatedLogCluster;
  readonly identity: LogIdentity;
  readonly application: Application;
  readonly partition: number;
  /** A decision record counts, with the command record it decides. */
  readonly onDecided: (offset: number, events: Uint8Array, commands: Uint8Array) => void;
}

/** Sees what one partition's log holds for good at the very moment it does, and keeps it. */
export class LogWatcher {
  readonly partition: number;
  readonly commands: TapedRecord[] = [];
  /** Folds what counts, as any reader does that begins at the start. */
  readonly fold: PartitionFold;
  readonly gate = new EventGate();
  /** Decision records that count, by offset. */
  readonly decisions = new Map<number, Uint8Array>();
  /** How many records did not count, by reason. */
  readonly dropped = new Map<string, number>();
  readonly #options: LogWatcherOptions;
  readonly #reader = new DecisionRecordReader();
  #nextEvent = 1;

  constructor(options: LogWatcherOptions) {
    const { application, identity, partition } = options;
    this.#options = options;
    this.partition = partition;
    this.fold = new PartitionFold({ application, identity, partition, tableMaxRows });
  }

  /** Offset of the first event it has not seen. */
  get nextEvent(): number {
    return this.#nextEvent;
  }

  /** Looks at what is new. */
  look(): void {
    const { cluster } = this.#options;
    const { partition } = this;
    const commands = cluster.replica(partition, 'commands');
    if (commands.committedEnd > this.commands.length + 1) {
      for (const [offset, bytes] of commands.committed().slice(this.commands.length)) {
        this.commands.push({ offset, bytes });
      }
    }
    const events = cluster.replica(partition, 'events');
    if (events.committedEnd === this.#nextEvent) return;
    for (const [offset, bytes] of events.committed().slice(this.#nextEvent - 1)) {
      this.#nextEvent = offset + 1;
      this.#judge(offset, bytes);
    }
  }

  #judge(offset: number, bytes: Uint8Array): void {
    const { dropped, kind } = this.gate.judge(offset, bytes);
    if (dropped) {
      this.dropped.set(dropped, (this.dropped.get(dropped) ?? 0) + 1);
      return;
    }
    this.fold.evolve(offset, bytes);
    this.fold.effects.forget();
    if (kind === 'owner') return;
    this.decisions.set(offset, bytes);
    this.#reader.open(bytes);
    const { commandOffset } = this.#reader;
    const command = this.commands[commandOffset - 1];
    if (!command) {
      throw new SimulationFailure(
        'log-watcher',
        `partition ${this.partition}: events ${offset} decide commands ${commandOffset}, which are not there`,
      );
    }
    this.#options.onDecided(offset, bytes, command.bytes);
  }
}
