/** The next multiple of 8. */
export function align8(size: number): number {
  return (size + 7) & ~7;
}
