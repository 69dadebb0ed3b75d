import type { PartitionWaits } from './partition-waits.ts';
import { type WaitLimit, windowsUntilLimited } from './wait-limit.ts';
import { WaitWindow } from './wait-window.ts';

/** So many times what the others wait, on average, is slow beside them. */
const slowTimes = 2;
/** Where nothing was decided of a partition for so long, or for so many times what commands wait, it stands still. */
const silentMs = 300;
const silentTimes = 4;
/** How often in a row a partition that stands apart has to be as quick as the others. */
const evensUntilBack = 10;
/** Of what the others waited, what counts after a window. */
const remembered = 0.8;

/**
 * Which partitions wait alone. One that is hot (a partition is one thread), or whose owner stands still, makes its own
 * commands wait and nobody else's; one that waits since the processors' cores are short waits together with the
 * others. So a partition stands apart that waits several times as long as the others do, or of which nothing is
 * decided, while half of the partitions at least do not wait too long. It is judged by itself until it is as
 * quick as they are.
 */
export class ApartPartitions {
  count = 0;
  readonly #partitions: readonly PartitionWaits[];
  readonly #all: WaitLimit;
  readonly #newLimit: () => WaitLimit;
  readonly #windowMs: number;
  /** What went lately of partitions that do not stand apart, and of those among them that do not wait too long. */
  readonly #together = new WaitWindow();
  readonly #usual = new WaitWindow();
  #silentFrom = 0;
  #mayBeSlow = false;
  #mayBeSilent = false;

  constructor(
    partitions: readonly PartitionWaits[],
    all: WaitLimit,
    newLimit: () => WaitLimit,
    windowMs: number,
  ) {
    this.#partitions = partitions;
    this.#all = all;
    this.#newLimit = newLimit;
    this.#windowMs = windowMs;
  }

  /** Ends a window of all partitions; what went in it is not taken away. */
  endWindow(passedMs: number): void {
    if (this.#partitions.length === 1) return;
    const { bearableMs } = this.#all;
    for (const partition of this.#partitions) partition.look(passedMs, bearableMs);
    this.#count();
    const slowMs = Math.max(bearableMs, meanMs(this.#usual, Number.POSITIVE_INFINITY) * slowTimes);
    for (const partition of this.#partitions) {
      partition.compare(this.#mayBeSlow ? slowMs : Number.POSITIVE_INFINITY);
      this.#place(partition);
    }
  }

  /** Nothing came or went for some time: those of which nothing is inside are as the others again. */
  forget(): void {
    for (const partition of this.#partitions) {
      if (this.#isApart(partition) && partition.inflight === 0) this.#moveBack(partition);
    }
  }

  #moveBack(partition: PartitionWaits): void {
    partition.moveTo(this.#all);
    this.count -= 1;
  }

  /** How many wait too long, or stand still, and what the others wait. */
  #count(): void {
    const usualMs = Math.max(this.#all.bearableMs, meanMs(this.#together, 0));
    this.#silentFrom = Math.max(silentMs, usualMs * silentTimes) / this.#windowMs;
    this.#together.fade(remembered);
    this.#usual.fade(remembered);
    let [active, long, silent] = [0, 0, 0];
    for (const partition of this.#partitions) {
      if (!partition.isActive) continue;
      active += 1;
      if (this.#isApart(partition)) continue;
      this.#together.add(partition.window);
      if (partition.isLong) long += 1;
      else this.#usual.add(partition.window);
      if (partition.silentWindows > this.#silentFrom) silent += 1;
    }
    this.#mayBeSlow = (this.count + long) * 2 <= active;
    this.#mayBeSilent = (this.count + silent) * 2 <= active;
  }

  #place(partition: PartitionWaits): void {
    if (this.#isApart(partition)) {
      if (this.#isAsTheOthers(partition)) this.#moveBack(partition);
      return;
    }
    const isSlow = this.#mayBeSlow && partition.slowInARow >= windowsUntilLimited;
    const isSilent = this.#mayBeSilent && partition.silentWindows > this.#silentFrom;
    if (!isSlow && !isSilent) return;
    const limit = this.#newLimit();
    if (isSlow) limit.expectOverload();
    partition.moveTo(limit);
    this.count += 1;
  }

  /**
   * Whether one that stood apart has been as quick as the others for some time, without a limit that they do not have,
   * or nothing comes for it any more.
   */
  #isAsTheOthers({ isActive, limit, evenInARow }: PartitionWaits): boolean {
    if (!isActive) return true;
    return evenInARow >= evensUntilBack && (!limit.isLimited || this.#all.isLimited);
  }

  #isApart({ limit }: PartitionWaits): boolean {
    return limit !== this.#all;
  }
}

function meanMs({ gone, goneMs }: WaitWindow, unknown: number): number {
  return gone < 1 ? unknown : goneMs / gone;
}
