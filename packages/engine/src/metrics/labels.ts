/** Partitions that have series of their own; those of a higher number are left out. */
export const partitionLabel = { upTo: 1_024, of: 'partitions' } as const;
