import { type HistogramJson, LatencyHistogram } from '../histogram/latency-histogram.ts';
import { type SliceJson, SliceRecord } from './slice-record.ts';

/** More slices than this are made longer instead. */
const slicesMost = 600;
/** A short run has short ones, so that its course can be seen. */
const sliceMs = { ofShortRuns: 250, usual: 1_000 };
const shortRunMs = 30_000;
/** Names of outcomes, of errors, of actions: there are a few dozen of each. */
const namesMost = 200;

/** How the threads that sent were themselves. */
export interface ThreadRecord {
  /** Share of the time in which its event loop worked, on average. */
  readonly busy: number;
  /** Seconds of processor time in each second. */
  readonly cpu: number;
  /** Share of the time in which it could have run and the system let others; null where it is not told. */
  readonly starved: number | null;
}

/** All that a load run measured, or one thread of it. Warm-ups are in the slices only. */
export class LoadRecord {
  readonly sliceMs: number;
  readonly slices: SliceRecord[] = [];
  /** Due, decided, and ended otherwise. */
  offered = 0;
  decided = 0;
  failed = 0;
  /** From when it was due until its answer; what was never answered counts until it was given up. */
  latency = new LatencyHistogram();
  /** From when it was sent until its answer. */
  service = new LatencyHistogram();
  /** From when it was due until the generator got to it: its own fault. */
  lateness = new LatencyHistogram();
  /** How much later than it wanted a thread woke, each weighed by how long that was. */
  stalls = new LatencyHistogram();
  byAction: Record<string, LatencyHistogram> = {};
  outcomes: Record<string, number> = {};
  failures: Record<string, number> = {};
  /** Live connections: opened, lost before the end, and what they were told. */
  live = { opened: 0, lost: 0, events: 0 };
  threads: ThreadRecord[] = [];

  constructor(sliceMs: number) {
    this.sliceMs = sliceMs;
  }

  static forDuration(ms: number): LoadRecord {
    if (ms <= shortRunMs) return new LoadRecord(sliceMs.ofShortRuns);
    const { usual } = sliceMs;
    return new LoadRecord(Math.max(1, Math.ceil(ms / slicesMost / usual)) * usual);
  }

  /** That of a moment since the load began. */
  slice(ms: number): SliceRecord {
    const index = Math.max(0, Math.floor(ms / this.sliceMs));
    while (this.slices.length <= index) this.slices.push(new SliceRecord());
    return this.slices[index]!;
  }

  /** The latencies of one kind of arrival. */
  ofAction(action: string): LatencyHistogram {
    this.byAction[action] ??= new LatencyHistogram();
    return this.byAction[action];
  }

  /** Takes in what another thread measured at the same time. */
  add(other: LoadRecord): void {
    for (const [index, slice] of other.slices.entries()) {
      this.slice(index * this.sliceMs).add(slice);
    }
    this.offered += other.offered;
    this.decided += other.decided;
    this.failed += other.failed;
    this.latency.add(other.latency);
    this.service.add(other.service);
    this.lateness.add(other.lateness);
    this.stalls.add(other.stalls);
    for (const [action, latency] of Object.entries(other.byAction)) {
      this.ofAction(action).add(latency);
    }
    for (const [name, count] of Object.entries(other.outcomes)) tally(this.outcomes, name, count);
    for (const [name, count] of Object.entries(other.failures)) tally(this.failures, name, count);
    this.live.opened += other.live.opened;
    this.live.lost += other.live.lost;
    this.live.events += other.live.events;
    this.threads.push(...other.threads);
  }

  static fromJSON(json: LoadRecordJson): LoadRecord {
    const record = new LoadRecord(json.sliceMs);
    const { latency, service, lateness, stalls, byAction, slices, sliceMs: _, ...figures } = json;
    Object.assign(record, structuredClone(figures));
    record.latency = LatencyHistogram.fromJSON(latency);
    record.service = LatencyHistogram.fromJSON(service);
    record.lateness = LatencyHistogram.fromJSON(lateness);
    record.stalls = LatencyHistogram.fromJSON(stalls);
    for (const [action, one] of Object.entries(byAction)) {
      record.byAction[action] = LatencyHistogram.fromJSON(one);
    }
    for (const slice of slices) record.slices.push(SliceRecord.fromJSON(slice));
    return record;
  }
}

type Histograms = 'latency' | 'service' | 'lateness' | 'stalls';

/** A record as plain data: what `JSON.stringify` makes of one. */
export interface LoadRecordJson
  extends Omit<LoadRecord, Histograms | 'byAction' | 'slices' | 'add' | 'slice' | 'ofAction'>,
    Readonly<Record<Histograms, HistogramJson>> {
  readonly byAction: Readonly<Record<string, HistogramJson>>;
  readonly slices: readonly SliceJson[];
}

/** Counts under a name; beyond the limit of names, under `other`. */
export function tally(counts: Record<string, number>, name: string, count = 1): void {
  const isKnown = Object.hasOwn(counts, name) || Object.keys(counts).length < namesMost;
  const kept = isKnown ? name : 'other';
  counts[kept] = (counts[kept] ?? 0) + count;
}
