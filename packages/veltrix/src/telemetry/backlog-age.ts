/** More would only make the age of a long queue more exact. */
const milestonesMax = 64;
const leastMs = 100;

/** What came from a time on, up to an end. */
interface Milestone {
  end: number;
  readonly at: number;
}

/**
 * For how long the oldest of what waits has, where only positions are known: notes at times how far the
 * queue had grown. The age is at most a tenth of a second too high, or a thirtieth of the longest wait when
 * that is more.
 */
export class BacklogAge {
  #milestones: Milestone[] = [];
  #leastMs = leastMs;

  /** The queue reaches up to `end`, not including it, at `nowMs` of any clock that only grows. */
  reached(end: number, nowMs: number): void {
    const milestones = this.#milestones;
    const last = milestones.at(-1);
    if (last && end <= last.end) return;
    if (last && nowMs - last.at < this.#leastMs) {
      last.end = end;
      return;
    }
    milestones.push({ end, at: nowMs });
    if (milestones.length <= milestonesMax) return;
    this.#milestones = milestones.flatMap(({ at }, index) =>
      index % 2 === 0 ? [{ at, end: (milestones[index + 1] ?? milestones[index]!).end }] : [],
    );
    this.#leastMs *= 2;
  }

  /** Milliseconds since the oldest that is not below `next` came; 0 when nothing is known to wait. */
  ageMs(next: number, nowMs: number): number {
    const milestones = this.#milestones;
    let passed = 0;
    while (passed < milestones.length && milestones[passed]!.end <= next) passed += 1;
    milestones.splice(0, passed);
    const [oldest] = milestones;
    if (oldest) return Math.max(0, nowMs - oldest.at);
    this.#leastMs = leastMs;
    return 0;
  }
}
