import type { Clock } from '../clock.ts';
import { CodedError } from '../coded-error.ts';
import {
  type AssignmentDocument,
  AssignmentFollower,
  type AssignmentSource,
  type PartitionAssignment,
} from './assignment-follower.ts';
import type { OwnerOptions, PartitionOwner } from './partition-owner.ts';
import { PartitionStandby, type StandbyOptions } from './partition-standby.ts';

export interface PartitionHostOptions {
  /** As the assignment calls this node. */
  readonly node: string;
  readonly partitionCount: number;
  readonly clock: Clock;
  readonly source: AssignmentSource;
  readonly readTimeoutMs: number;
  readonly refreshMs: number;
  /** A partition that stopped is taken up again after this long, if it is still assigned. */
  readonly restartDelayMs: number;
  readonly standbyOptions: (partition: number) => Omit<StandbyOptions, 'onStopped'>;
  readonly ownerOptions: (
    partition: number,
  ) => Omit<OwnerOptions, 'epoch' | 'node' | 'onOwning' | 'epochRaisesMax'>;
  readonly onOwning: (partition: number, epoch: number) => void;
  /** It decides no more here: what was decided is waited for, and then another node may own it. */
  readonly onReleasing?: (partition: number) => void;
  /** Everything that was decided here is in the log, and nothing more is: another node may own it. */
  readonly onReleased?: (partition: number) => void;
  /** A partition has stopped here; it is taken up again if it is still assigned. */
  readonly onStopped: (partition: number, error: Error) => void;
}

const nothing: PartitionAssignment = { owner: '', epoch: 0, standby: '', next: '' };

/** Does on one node what the assignment says of it: owns partitions, stands by for others, hands over. */
export class PartitionHost {
  readonly #partitions: readonly HostedPartition[];
  readonly #follower: AssignmentFollower;

  constructor(options: PartitionHostOptions) {
    const { source, clock, readTimeoutMs, refreshMs } = options;
    const refresh = () => this.#follower.refresh();
    this.#partitions = Array.from(
      { length: options.partitionCount },
      (_, partition) => new HostedPartition(partition, options, refresh),
    );
    this.#follower = new AssignmentFollower({
      ...{ source, clock, readTimeoutMs, refreshMs },
      onDocument: (document) => this.#assign(document),
    });
  }

  #assign(document: AssignmentDocument): void {
    for (const partition of this.#partitions) {
      partition.assign(document[partition.partition] ?? nothing);
    }
  }

  standby(partition: number): PartitionStandby | undefined {
    return this.#partitions[partition]!.standby;
  }

  owner(partition: number): PartitionOwner | undefined {
    return this.#partitions[partition]!.owner;
  }

  /**
   * Whether the state here is the latest there is: this node owns the partition, or has let go of it and has not
   * heard yet that another one owns it.
   */
  isLatest(partition: number): boolean {
    return this.#partitions[partition]!.isLatest;
  }

  /** Stops everything at once; nothing is handed over. */
  stop(): void {
    this.#follower.stop();
    for (const partition of this.#partitions) partition.stop();
  }
}

class HostedPartition {
  readonly partition: number;
  standby: PartitionStandby | undefined;
  owner: PartitionOwner | undefined;
  readonly #options: PartitionHostOptions;
  readonly #refresh: () => void;
  #assignment = nothing;
  /** The highest epoch that is known to have been claimed, by whomever. */
  #epochsTaken = 0;
  /** Of the claim that was last read back here. */
  #ownedEpoch = 0;
  #cancelRestart: (() => void) | undefined;
  /** Runs while what was asked of the source may still come. */
  #cancelRetry: (() => void) | undefined;
  /** What was asked last, as text. */
  #asked = '';
  #isStopped = false;

  constructor(partition: number, options: PartitionHostOptions, refresh: () => void) {
    this.partition = partition;
    this.#options = options;
    this.#refresh = refresh;
  }

  get isLatest(): boolean {
    return this.#ownedEpoch > 0 && this.standby?.gate.epoch === this.#ownedEpoch;
  }

  assign(assignment: PartitionAssignment): void {
    // Whatever it says, a lower epoch than before included: the log alone tells which ones are taken.
    this.#assignment = assignment;
    this.#reconcile();
  }

  /** Takes the next step towards what is assigned; whatever it waits for calls it again. */
  #reconcile(): void {
    if (this.#isStopped || this.#cancelRestart) return;
    const { node } = this.#options;
    const { owner, standby, next } = this.#assignment;
    const owns = owner === node;
    const isWanted = owns || standby === node || next === node;
    if (isWanted && !this.standby) this.#openStandby();
    if (owns && next === '') this.#ownOrRaise();
    else if (this.owner) this.#release();
    else if (owns) this.#passOn();
    else if (!isWanted) this.#close();
  }

  #openStandby(): void {
    try {
      this.standby = new PartitionStandby({
        ...this.#options.standbyOptions(this.partition),
        onStopped: (error) => this.#hasStopped(error),
      });
    } catch (error) {
      this.#hasStopped(error as Error);
    }
  }

  #ownOrRaise(): void {
    const { standby } = this;
    const { epoch } = this.#assignment;
    if (!standby) return;
    if (this.owner) {
      if (this.owner.epoch !== epoch) this.#release();
      return;
    }
    if (Math.max(this.#epochsTaken, standby.gate.epoch) >= epoch) this.#raise();
    else this.#claim(standby, epoch);
  }

  #claim(standby: PartitionStandby, epoch: number): void {
    const { node, ownerOptions, onOwning } = this.#options;
    this.#epochsTaken = epoch;
    this.owner = standby.start({
      ...ownerOptions(this.partition),
      ...{ epoch, node, epochRaisesMax: 0 },
      onOwning: () => {
        this.#ownedEpoch = epoch;
        onOwning(this.partition, epoch);
      },
    });
  }

  /** This epoch was claimed before, by another node or an earlier life of this one. */
  #raise(): void {
    const epoch = Math.max(this.#epochsTaken, this.standby?.gate.epoch ?? 0) + 1;
    this.#replace({ ...this.#assignment, epoch });
  }

  #release(): void {
    const { owner } = this;
    if (!owner || owner.state === 'releasing' || owner.state === 'released') return;
    if (owner.state === 'deciding') this.#options.onReleasing?.(this.partition);
    owner.release(() => {
      if (this.owner !== owner) return;
      this.owner = undefined;
      this.#options.onReleased?.(this.partition);
      this.#reconcile();
    });
  }

  /** Everything it decided is in the log: the next owner may begin. */
  #passOn(): void {
    const { node } = this.#options;
    const { next, epoch, standby } = this.#assignment;
    const isStandbyKept = standby !== '' && standby !== next;
    const follower = isStandbyKept ? standby : node;
    this.#replace({ owner: next, epoch: epoch + 1, standby: follower, next: '' });
  }

  #replace(by: PartitionAssignment): void {
    const { source, clock, readTimeoutMs } = this.#options;
    const asked = JSON.stringify([this.#assignment, by]);
    // A source that answers from memory shows the same until the request is through: asked each time, that would be a loop.
    if (this.#cancelRetry && asked === this.#asked) return;
    this.#asked = asked;
    source.replace(this.partition, this.#assignment, by);
    this.#refresh();
    this.#cancelRetry?.();
    // The request may be lost, or have come second to another.
    this.#cancelRetry = clock.after(readTimeoutMs, () => {
      this.#cancelRetry = undefined;
      this.#reconcile();
    });
  }

  #hasStopped(error: Error): void {
    const { onStopped, clock, restartDelayMs } = this.#options;
    if (error instanceof CodedError && error.id === 'veltrix-owner-epoch-stale') {
      this.#epochsTaken = Math.max(this.#epochsTaken, Number(error.details['current']));
    }
    this.standby = undefined;
    this.owner = undefined;
    this.#ownedEpoch = 0;
    this.#cancelRestart = clock.after(restartDelayMs, () => {
      this.#cancelRestart = undefined;
      this.#reconcile();
    });
    onStopped(this.partition, error);
  }

  #close(): void {
    this.standby?.stop();
    this.standby = undefined;
    this.#ownedEpoch = 0;
  }

  stop(): void {
    this.#isStopped = true;
    this.#cancelRestart?.();
    this.#cancelRetry?.();
    this.#close();
    this.owner = undefined;
  }
}
