import { ApartPartitions } from './apart-partitions.ts';
import { MeasuredCapacity } from './measured-capacity.ts';
import { PartitionWaits } from './partition-waits.ts';
import { WaitLimit, windowsUntilLimited } from './wait-limit.ts';

/** How often limits are looked at again. */
const windowMs = 100;
/** Never fewer than this in all: below, the processors would wait for commands. */
const leastInflight = 64;

/**
 * Lets single commands in, or refuses them. All partitions have one limit (`WaitLimit`), since what is short as a rule
 * is short for all: the cores, the disk, the gateway's own loop. A partition that waits alone stands apart
 * (`ApartPartitions`): it neither counts for that limit nor is held by it, and has one of its own.
 */
export class Admission {
  entered = 0;
  refused = 0;
  /** Longest mean time from letting a command in to its decision; may change at any time. */
  targetMs: number;
  #windowStart = Number.NEGATIVE_INFINITY;
  readonly #all: WaitLimit;
  readonly #partitions: readonly PartitionWaits[];
  readonly #apart: ApartPartitions;
  readonly #capacity = new MeasuredCapacity();

  constructor(targetMs: number, partitionCount: number) {
    this.targetMs = targetMs;
    const ofTarget = () => this.targetMs;
    this.#all = new WaitLimit({
      targetMs: ofTarget,
      leastInflight: () => leastInflight,
      opensUndecided: true,
    });
    this.#partitions = Array.from({ length: partitionCount }, () => new PartitionWaits(this.#all));
    // Together those that stand apart have as many as all have.
    const share = () => Math.max(1, Math.floor(leastInflight / this.#apart.count));
    // One that stands still while others decide: its players are told at once.
    const newLimit = () =>
      new WaitLimit({ targetMs: ofTarget, leastInflight: share, opensUndecided: false });
    this.#apart = new ApartPartitions(this.#partitions, this.#all, newLimit, windowMs);
  }

  /** Commands that may be inside, of the partitions that do not stand apart; infinite while there is no overload. */
  get limit(): number {
    return this.#all.limit;
  }

  /** Those that are. */
  get inflight(): number {
    return this.#all.inflight;
  }

  /** Partitions that stand apart. */
  get apartPartitions(): number {
    return this.#apart.count;
  }

  /** Commands decided a second, in all partitions, while some were turned away; undefined while nothing is known of it. */
  get capacityPerSecond(): number | undefined {
    return this.#capacity.perSecond;
  }

  isApart(partition: number): boolean {
    return this.#partitions[partition]!.limit !== this.#all;
  }

  /** What holds the commands of a partition: its own limit while it stands apart, that of all else. */
  limitOf(partition: number): Pick<WaitLimit, 'inflight' | 'limit'> {
    return this.#partitions[partition]!.limit;
  }

  /** Lets a command in, to be followed by one `leave`, `giveUp` or `cancel`, or refuses it. `now`: ms, as everywhere here. */
  enter(partition: number, now: number): boolean {
    this.#look(now);
    const of = this.#partitions[partition]!;
    if (!of.limit.enter()) {
      this.refused += 1;
      return false;
    }
    of.inflight += 1;
    this.entered += 1;
    return true;
  }

  /** A command that came in at `enteredAt` is decided, whatever the outcome. */
  leave(partition: number, enteredAt: number, now: number): void {
    const { window } = this.#gone(partition);
    window.left += 1;
    window.waitedMs += now - enteredAt;
    this.#look(now);
  }

  /**
   * A command that came in at `enteredAt` is taken back, or refused by the log, or its sender is told that it will be
   * decided. It would have waited so long at least. Where that is bearable nothing is known of how long decisions
   * take: a log that refuses at once is not quick.
   */
  giveUp(partition: number, enteredAt: number, now: number): void {
    const { window, limit } = this.#gone(partition);
    const waitedMs = now - enteredAt;
    if (waitedMs > limit.bearableMs) {
      window.givenUp += 1;
      window.givenUpMs += waitedMs;
    }
    this.#look(now);
  }

  /** A command that was let in is not sent after all: it was none. */
  cancel(partition: number): void {
    this.#gone(partition);
    this.entered -= 1;
  }

  #gone(partition: number): PartitionWaits {
    const of = this.#partitions[partition]!;
    of.inflight -= 1;
    of.limit.inflight -= 1;
    return of;
  }

  #look(now: number): void {
    const passedMs = now - this.#windowStart;
    if (passedMs >= 0 && passedMs < windowMs) return;
    this.#windowStart = now;
    // After a pause, or when the clock was set, nothing is known of the time between.
    if (passedMs >= 0 && passedMs < windowMs * windowsUntilLimited) this.#endWindow(passedMs);
    else this.#forget();
  }

  #endWindow(passedMs: number): void {
    this.#apart.endWindow(passedMs);
    let left = 0;
    for (const { window, limit } of this.#partitions) {
      left += window.left;
      limit.window.add(window);
      window.fade(0);
    }
    const verdict = this.#all.judge(passedMs, true);
    // Where nothing is decided at all, it is not known how much could be.
    if (verdict === 'is-full' && left > 0) this.#capacity.measure((left / passedMs) * 1_000);
    if (verdict === 'is-in-time') this.#capacity.disprove((left / passedMs) * 1_000);
    if (this.#apart.count === 0) return;
    for (const { limit } of this.#partitions) {
      if (limit !== this.#all) limit.judge(passedMs, !this.#all.isLimited);
    }
  }

  #forget(): void {
    this.#all.forget();
    for (const partition of this.#partitions) {
      partition.forget();
      if (partition.limit !== this.#all) partition.limit.forget();
    }
    this.#apart.forget();
  }
}
