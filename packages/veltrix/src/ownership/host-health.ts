import type { HealthBoard } from '../coordination/health-board.ts';
import type { FoldMeter } from '../processor/fold-meter.ts';
import type { PartitionHost } from './partition-host.ts';

/** Of one partition: how far the log was at which time, oldest first. */
type Milestones = { readonly end: number; readonly at: number }[];

/** More would only make the age of a long queue more exact. */
const milestonesMax = 32;

/**
 * Shows on the board of a node how its partitions are: what is waited for, for how long, how far behind the log they
 * are, and what folding them takes.
 */
export class HostHealth {
  readonly #board: HealthBoard;
  readonly #milestones: Milestones[];
  readonly #isWaiting: boolean[];

  constructor(board: HealthBoard) {
    this.#board = board;
    const { partitionCount } = board;
    this.#milestones = Array.from({ length: partitionCount }, () => []);
    this.#isWaiting = Array.from({ length: partitionCount }, () => false);
  }

  /** Of what a partition does. What it has begun is shown as waiting: a fold that never ends is seen so. */
  meter(partition: number): FoldMeter {
    let beganAt = 0;
    return {
      begin: () => {
        beganAt = performance.now();
        if (this.#isWaiting[partition]) return;
        this.#isWaiting[partition] = true;
        this.#board.setWaiting(partition, 1, 0);
      },
      end: () => this.#board.folded(partition, (performance.now() - beganAt) * 1_000),
    };
  }

  /** To be called a few times a second. */
  update(host: PartitionHost): void {
    for (let partition = 0; partition < this.#board.partitionCount; partition++) {
      this.#updatePartition(host, partition);
    }
  }

  #updatePartition(host: PartitionHost, partition: number): void {
    const standby = host.standby(partition);
    const owner = host.owner(partition);
    if (!standby) {
      this.#milestones[partition] = [];
      this.#isWaiting[partition] = false;
      this.#board.setPart(partition, undefined, 0);
      return;
    }
    this.#board.setPart(partition, owner ? 'owner' : 'standby', standby.gate.epoch);
    const { next, end } = owner ?? standby;
    const lag = end === 0 ? Number.POSITIVE_INFINITY : Math.max(0, end - next);
    this.#board.setLag(partition, lag);
    const ageMs = this.#age(this.#milestones[partition]!, next, end);
    // What waits for the log is no work that the fold could do.
    const waiting = owner?.isHeldUp || lag === Number.POSITIVE_INFINITY ? 0 : lag;
    this.#isWaiting[partition] = waiting > 0;
    this.#board.setWaiting(partition, waiting, ageMs);
  }

  /** Since when the oldest record that waits is known of. */
  #age(milestones: Milestones, next: number, end: number): number {
    const now = performance.now();
    while (milestones.length > 0 && milestones[0]!.end <= next) milestones.shift();
    const last = milestones.at(-1);
    const isNew = end > next && end > (last?.end ?? 0);
    if (isNew && milestones.length < milestonesMax) milestones.push({ end, at: now });
    return milestones.length === 0 ? 0 : now - milestones[0]!.at;
  }
}
