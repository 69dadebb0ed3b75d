import { SeededRandom } from 'veltrix/simulator';
import type { Admission } from '../admission.ts';

/** What the model tells admission, which of them it is. */
type ModelledAdmission = Pick<Admission, 'enter' | 'leave' | 'giveUp'>;

export interface ModelledPartition {
  /** Of what comes, this share is for it. */
  readonly share: number;
  /** Commands that its one thread decides a millisecond at most. */
  readonly foldPerMs?: number;
  /** How long its log takes, however few wait; 3 ms unless told. */
  readonly logMs?: number;
  /** From when to when nothing is decided of it. */
  readonly still?: readonly [from: number, to: number];
}

export interface ModelledCrowd {
  /** Commands that come a millisecond, for all partitions. */
  readonly perMs: number;
  /** Whether they come at random, or evenly and in turn. */
  readonly isRandom: boolean;
  readonly partitions: readonly ModelledPartition[];
  /** Commands that the cores decide a millisecond, of all partitions together; as many as come unless told. */
  readonly coresPerMs?: number;
  readonly ms: number;
  /** From when on is counted. */
  readonly countFrom?: number;
  readonly seed?: number;
}

export interface PartitionCourse {
  came: number;
  refused: number;
  /** Within `waitMaxMs`. */
  decided: number;
  waitedMs: number;
  longestWaitMs: number;
  /** Most commands that waited for their decision at once. */
  mostWaiting: number;
}

const waitMaxMs = 5_000;
const usualLogMs = 3;

class Partition {
  readonly course: PartitionCourse = {
    ...{ came: 0, refused: 0, decided: 0, waitedMs: 0, longestWaitMs: 0, mostWaiting: 0 },
  };
  readonly #of: ModelledPartition;
  readonly #number: number;
  /** When each that waits came in; the first `#told` were told that they will be decided. */
  readonly #waiting: number[] = [];
  #told = 0;
  #credit = 0;

  constructor(of: ModelledPartition, number: number) {
    this.#of = of;
    this.#number = number;
  }

  come(admission: ModelledAdmission, now: number, isCounted: boolean): void {
    const isIn = admission.enter(this.#number, now);
    if (isIn) this.#waiting.push(now);
    if (!isCounted) return;
    this.course.came += 1;
    if (!isIn) this.course.refused += 1;
    this.course.mostWaiting = Math.max(this.course.mostWaiting, this.#waiting.length);
  }

  /** Begins a millisecond: its thread has time again. */
  begin(admission: ModelledAdmission, now: number): void {
    const most = this.#of.foldPerMs ?? Number.POSITIVE_INFINITY;
    this.#credit = Math.min(most + 1, this.#credit + most);
    for (;;) {
      const next = this.#waiting[this.#told];
      if (next === undefined || now - next < waitMaxMs) return;
      this.#told += 1;
      admission.giveUp(this.#number, next, now);
    }
  }

  /** Decides the next one, if there is one that can be. */
  decide(admission: ModelledAdmission, now: number, isCounted: boolean): boolean {
    const { logMs = usualLogMs, still } = this.#of;
    const [next] = this.#waiting;
    if (next === undefined || now - next < logMs || this.#credit < 1) return false;
    if (still !== undefined && now >= still[0] && now < still[1]) return false;
    this.#credit -= 1;
    this.#waiting.shift();
    if (this.#told > 0) {
      this.#told -= 1;
      return true;
    }
    admission.leave(this.#number, next, now);
    if (!isCounted) return true;
    this.course.decided += 1;
    this.course.waitedMs += now - next;
    this.course.longestWaitMs = Math.max(this.course.longestWaitMs, now - next);
    return true;
  }
}

/**
 * A gateway before partitions of which each decides in order, on one thread, after its log has the command; all of
 * them share the cores. Whoever is refused stays away. Returns what became of each partition's commands.
 */
export function playCrowd(admission: ModelledAdmission, crowd: ModelledCrowd): PartitionCourse[] {
  const { ms, countFrom = 0, coresPerMs = Number.POSITIVE_INFINITY } = crowd;
  const partitions = crowd.partitions.map((of, number) => new Partition(of, number));
  const next = crowd.isRandom ? atRandom(crowd) : inTurn(crowd);
  let cores = 0;
  let first = 0;
  for (let now = 0; now < ms; now++) {
    const isCounted = now >= countFrom;
    for (let left = next.count(); left > 0; left--) {
      partitions[next.partition()]!.come(admission, now, isCounted);
    }
    for (const partition of partitions) partition.begin(admission, now);
    cores = Math.min(coresPerMs + 1, cores + coresPerMs);
    // In turn, one command of each, until nobody can go on or the cores have no time left.
    for (let idle = 0; idle < partitions.length && cores >= 1; first++) {
      if (partitions[first % partitions.length]!.decide(admission, now, isCounted)) {
        cores -= 1;
        idle = 0;
      } else idle += 1;
    }
  }
  return partitions.map(({ course }) => course);
}

interface Arrivals {
  /** Commands of a millisecond. */
  count(): number;
  /** Whom the next one is for. */
  partition(): number;
}

function atRandom({ perMs, partitions, seed = 1 }: ModelledCrowd): Arrivals {
  const random = new SeededRandom(seed);
  let untilNext = 0;
  return {
    count: () => {
      let count = 0;
      for (untilNext -= 1; untilNext < 0; count++) untilNext -= Math.log(1 - random.next()) / perMs;
      return count;
    },
    partition: () => {
      let drawn = random.next();
      const index = partitions.findIndex(({ share }) => {
        drawn -= share;
        return drawn < 0;
      });
      return Math.max(0, index);
    },
  };
}

/** Each gets its share as evenly as can be. */
function inTurn({ perMs, partitions }: ModelledCrowd): Arrivals {
  const owed = partitions.map(() => 0);
  let due = 0;
  return {
    count: () => {
      due += perMs;
      const count = Math.floor(due);
      due -= count;
      return count;
    },
    partition: () => {
      let most = 0;
      for (const [index, { share }] of partitions.entries()) {
        owed[index]! += share;
        if (owed[index]! > owed[most]!) most = index;
      }
      owed[most]! -= 1;
      return most;
    },
  };
}

/** What became of the commands of several partitions, together. */
export function together(courses: readonly PartitionCourse[]): PartitionCourse {
  const all = { came: 0, refused: 0, decided: 0, waitedMs: 0, longestWaitMs: 0, mostWaiting: 0 };
  for (const course of courses) {
    all.came += course.came;
    all.refused += course.refused;
    all.decided += course.decided;
    all.waitedMs += course.waitedMs;
    all.longestWaitMs = Math.max(all.longestWaitMs, course.longestWaitMs);
    all.mostWaiting += course.mostWaiting;
  }
  return all;
}
