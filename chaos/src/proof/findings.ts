/** What a finding says was broken. */
export type Breach = 'lost' | 'repeated' | 'overGranted' | 'other';

export interface Finding {
  readonly breach: Breach;
  readonly message: string;
}

const shownMax = 50;

/** What the proof found wrong: all are counted, the first ones told. */
export class Findings {
  readonly counts: Record<Breach, number> = { lost: 0, repeated: 0, overGranted: 0, other: 0 };
  readonly first: Finding[] = [];

  add(breach: Breach, message: string, count = 1): void {
    this.counts[breach] += count;
    if (this.first.length < shownMax) this.first.push({ breach, message });
  }

  get isClean(): boolean {
    return Object.values(this.counts).every((count) => count === 0);
  }
}
