/** By how much some values lie above others, and between what bounds that is, as the values have their unit. */
export interface Shift {
  readonly estimate: number;
  /** Infinite where there are too few values for what was asked. */
  readonly least: number;
  readonly most: number;
}

/**
 * Hodges and Lehmann's estimate of a shift, with the interval that belongs to the test of Mann and Whitney: it leaves
 * out 0 just when that test rejects. Only ranks decide, so it is exact whatever the noise is like, and a value that
 * is off by a factor of a hundred counts as one that is off. What it takes: without an effect all values are alike.
 *
 * @param error share of cases, 0 to 1, in which the shift lies outside, at most
 */
export function rankShift(
  values: readonly number[],
  others: readonly number[],
  error: number,
): Shift {
  const differences = values
    .flatMap((value) => others.map((other) => value - other))
    .sort((one, other) => one - other);
  if (differences.length === 0) return { estimate: 0, least: -Infinity, most: Infinity };
  const outside = pairsOutside(values.length, others.length, error / 2);
  return {
    estimate: median(differences),
    least: differences[outside - 1] ?? -Infinity,
    most: differences[differences.length - outside] ?? Infinity,
  };
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((one, other) => one - other);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}

/** The mean of the middle half: as steady as a mean where nothing is far off, and nearly as sturdy as a median. */
export function middleMean(values: readonly number[]): number {
  const left = Math.floor(values.length / 4);
  const middle = [...values].sort((one, other) => one - other).slice(left, values.length - left);
  return middle.reduce((sum, value) => sum + value, 0) / middle.length;
}

/** So many differences may lie on one side that as few or fewer do with at most this probability, by luck alone. */
function pairsOutside(values: number, others: number, probability: number): number {
  const ways = waysOf(values, others);
  const all = ways.reduce((sum, count) => sum + count, 0);
  let sum = 0;
  const beyond = ways.findIndex((count) => {
    sum += count;
    return sum > probability * all;
  });
  return beyond;
}

/**
 * In how many orders of so many values and others each number of pairs has the value below: coefficients of the
 * Gaussian binomial, by the product of (1 - x^(others + i)) / (1 - x^i).
 */
function waysOf(values: number, others: number): number[] {
  const pairs = values * others;
  const ways = [1, ...Array.from({ length: pairs }, () => 0)];
  for (let factor = 1; factor <= values; factor++) {
    const above = others + factor;
    for (let pair = pairs; pair >= above; pair--) ways[pair]! -= ways[pair - above]!;
    for (let pair = factor; pair <= pairs; pair++) ways[pair]! += ways[pair - factor]!;
  }
  return ways;
}
