/** What a bench prints. Besides the members here it may have any that explain the value. */
export interface BenchResult {
  readonly name: string;
  readonly value: number;
  readonly unit: string;
  /** What the value stands beside: a peer, a server that does less, or a fixed limit. */
  readonly reference: string;
  /** Null when the reference could not be measured; `note` says why. */
  readonly referenceValue: number | null;
  /** `value / referenceValue`. */
  readonly ratio: number | null;
  /** Whether all that is asked "at least" holds. */
  readonly met: boolean;
  readonly note?: string;
  readonly [detail: string]: unknown;
}

/** Numbers that a bench takes, by name, with their defaults; each is a flag of the same name. */
type Sizes = Readonly<Record<string, number>>;

export interface Bench {
  readonly name: string;
  readonly summary: string;
  readonly atLeast: string;
  readonly sizes: Sizes;
  run(sizes: Sizes, runs: number): Promise<BenchResult>;
}

/** Keeps the names of the sizes known to the bench's own code. */
export function defineBench<S extends Record<string, number>>(bench: {
  readonly name: string;
  readonly summary: string;
  readonly atLeast: string;
  readonly sizes: S;
  readonly run: (sizes: S, runs: number) => Promise<BenchResult>;
}): Bench {
  return {
    ...bench,
    run: (sizes, runs) => bench.run({ ...bench.sizes, ...sizes } as S, runs),
  };
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((one, other) => one - other);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}

/** For figures that people read: three digits say all that a run can. */
export function rounded(value: number): number {
  return Number(value.toPrecision(3));
}

/**
 * Measures both sides `runs` times in turn, A B A B, so that whatever else the machine does meets both
 * alike. Returns every result, in order.
 */
export async function interleaved<A, B>(
  runs: number,
  measure: () => Promise<A>,
  measureReference: () => Promise<B>,
): Promise<{ readonly measured: A[]; readonly references: B[] }> {
  const measured: A[] = [];
  const references: B[] = [];
  for (let run = 0; run < runs; run++) {
    measured.push(await measure());
    references.push(await measureReference());
  }
  return { measured, references };
}
