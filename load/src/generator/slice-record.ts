import { type HistogramJson, LatencyHistogram } from '../histogram/latency-histogram.ts';

/** What happened within a stretch of time, by when arrivals were due; `done` by when they ended. */
export class SliceRecord {
  offered = 0;
  /** Answered within the slice. */
  done = 0;
  failed = 0;
  /** Of those that were due in the slice. */
  latency = new LatencyHistogram();
  inFlightMost = 0;
  waitingMost = 0;
  /** Share of time in which the busiest thread of the generator worked. */
  busy = 0;
  /** The longest that a thread of the generator stood still, in milliseconds. */
  stallMs = 0;

  add(other: SliceRecord): void {
    this.offered += other.offered;
    this.done += other.done;
    this.failed += other.failed;
    this.latency.add(other.latency);
    this.inFlightMost += other.inFlightMost;
    this.waitingMost += other.waitingMost;
    this.busy = Math.max(this.busy, other.busy);
    this.stallMs = Math.max(this.stallMs, other.stallMs);
  }

  static fromJSON({ latency, ...figures }: SliceJson): SliceRecord {
    const slice = Object.assign(new SliceRecord(), figures);
    slice.latency = LatencyHistogram.fromJSON(latency);
    return slice;
  }
}

/** A slice as plain data. */
export type SliceJson = Omit<
  { readonly [Key in keyof SliceRecord]: SliceRecord[Key] },
  'latency' | 'add'
> & { readonly latency: HistogramJson };
