/** The number that a flag gives; throws an error that says which flag is wrong, and what it takes. */
export function numberOf(
  flag: string,
  text: string | undefined,
  unlessGiven: number,
  least: number,
  most: number,
): number {
  const value = text === undefined ? unlessGiven : Number(text);
  if (value >= least && value <= most) return value;
  throw new Error(`--${flag} is a number from ${least} to ${most}, not ${text}`);
}
