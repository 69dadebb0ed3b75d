/** Processor time in every way in which Kubernetes lets it be written, and how many cores it is. */
export const cpuQuantities: readonly (readonly [written: string | number, cores: number])[] = [
  ['2', 2],
  [2, 2],
  [1.5, 1.5],
  ['1.50', 1.5],
  ['+1', 1],
  ['.5', 0.5],
  ['3.', 3],
  ['100', 100],
  ['500m', 0.5],
  ['1.5m', 0.0015],
  ['500000u', 0.5],
  ['250000000n', 0.25],
  ['1n', 1e-9],
  ['5e-1', 0.5],
  ['1E1', 10],
  [0.00001, 0.00001],
  // A node then counts on all that it may use.
  ['0', 0],
  [0, 0],
];
