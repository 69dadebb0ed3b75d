/** Limits of a bucket and of an era. They are part of the keyspace's version. */
export const bucketMaxBytes = 8 * 1024 * 1024;
export const bucketMaxRecords = 8192;
/** Postings count offsets from their bucket's first, in 32 bits. */
const bucketMaxOffsets = 2 ** 32;
export const eraMaxBuckets = 256;
export const eraMaxCommands = 2 ** 21;

/** From the earliest to the latest time in a run of records; milliseconds since the epoch. */
export interface Span {
  readonly minAt: number;
  readonly maxAt: number;
}

/**
 * Where the next record of a partition of the log goes. It follows from the records before it and from
 * nothing else: whoever archives them, in whatever portions, arrives at the same places.
 */
export interface Placement {
  /** Every record below is archived. */
  readonly nextOffset: number;
  /** Offset of the bucket's first record. */
  readonly bucket: number;
  readonly bucketBytes: number;
  readonly bucketRecords: number;
  readonly bucketSpan: Span;
  /** Offset of the era's first record. */
  readonly era: number;
  readonly eraBuckets: number;
  readonly eraCommands: number;
  readonly eraSpan: Span;
}

const nothing: Span = { minAt: Number.MAX_VALUE, maxAt: -Number.MAX_VALUE };

/** Before the first record. */
export const emptyPlacement: Placement = {
  nextOffset: 0,
  bucket: -1,
  bucketBytes: 0,
  bucketRecords: 0,
  bucketSpan: nothing,
  era: -1,
  eraBuckets: 0,
  eraCommands: 0,
  eraSpan: nothing,
};

/** Opens the bucket that a record of this size belongs to, and its era: the last ones, or new ones. */
export function placeRecord(before: Placement, offset: number, bytes: number): Placement {
  const fits =
    before.bucket >= 0 &&
    before.bucketBytes + bytes <= bucketMaxBytes &&
    before.bucketRecords < bucketMaxRecords &&
    offset - before.bucket < bucketMaxOffsets;
  if (fits) return before;
  const bucket = { bucket: offset, bucketBytes: 0, bucketRecords: 0, bucketSpan: nothing };
  const { era, eraBuckets, eraCommands } = before;
  if (era >= 0 && eraBuckets < eraMaxBuckets && eraCommands < eraMaxCommands) {
    return { ...before, ...bucket, eraBuckets: eraBuckets + 1 };
  }
  return { ...before, ...bucket, era: offset, eraBuckets: 1, eraCommands: 0, eraSpan: nothing };
}

/** After the record is in its bucket. */
export function afterRecord(
  placed: Placement,
  record: { readonly offset: number; readonly bytes: Uint8Array },
  commands: number,
  span: Span,
): Placement {
  return {
    ...placed,
    nextOffset: record.offset + 1,
    bucketBytes: placed.bucketBytes + record.bytes.length,
    bucketRecords: placed.bucketRecords + 1,
    bucketSpan: union(placed.bucketSpan, span),
    eraCommands: placed.eraCommands + commands,
    eraSpan: union(placed.eraSpan, span),
  };
}

export function union(one: Span, other: Span): Span {
  return {
    minAt: Math.min(one.minAt, other.minAt),
    maxAt: Math.max(one.maxAt, other.maxAt),
  };
}

/** Whether something in the span may be at or after `from` and before `to`. */
export function overlaps({ minAt, maxAt }: Span, from = -Infinity, to = Infinity): boolean {
  return maxAt >= from && minAt < to;
}
