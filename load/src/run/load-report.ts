import type { LoadRecord, LoadRecordJson } from '../generator/load-record.ts';
import type { KneeResult } from '../knee/knee-search.ts';
import type { Comparison } from '../verdict/comparison.ts';
import type { Verdict } from '../verdict/verdict.ts';

/** Changes with every change that makes earlier reports incomparable. */
export const reportFormat = 'hunt-load-1';

/** Figures of the part of a run that counts. */
export interface LoadFigures {
  readonly offered: number;
  readonly decided: number;
  readonly failed: number;
  readonly p50Ms: number;
  readonly p90Ms: number;
  readonly p99Ms: number;
  readonly 'p99.9Ms': number;
  readonly longestMs: number;
  /** The same from when each was sent: what a closed loop would have seen. */
  readonly serviceP99Ms: number;
  /** How late the generator itself was. */
  readonly latenessP99Ms: number;
}

/** What was sent to whom. */
interface LoadSubject {
  readonly scenario: string;
  /** SHA-256 of all that decides what is sent; runs with the same one may be compared. */
  readonly loadHash: string;
  readonly hunt: string;
  readonly target: string;
  /** RFC 3339. */
  readonly startedAt: string;
  readonly durationMs: number;
  readonly players: number;
  readonly connections: number;
  readonly live: number;
  readonly threads: number;
  /** Generator and server share this machine, so that each takes from the other. */
  readonly sharesMachine: boolean;
}

/** All that a run says: what `hunt load --json` prints. */
export interface LoadReport {
  readonly format: typeof reportFormat;
  readonly subject: LoadSubject;
  readonly verdict: Verdict;
  readonly figures: LoadFigures;
  readonly knee?: KneeResult;
  readonly comparison?: Comparison;
  /** Of the run; of a search, the one at the knee. */
  readonly record: LoadRecordJson;
}

export function figuresOf(record: LoadRecord): LoadFigures {
  const { latency } = record;
  return {
    offered: record.offered,
    decided: record.decided,
    failed: record.failed,
    p50Ms: latency.quantile(0.5),
    p90Ms: latency.quantile(0.9),
    p99Ms: latency.quantile(0.99),
    'p99.9Ms': latency.quantile(0.999),
    longestMs: latency.longestMs,
    serviceP99Ms: record.service.quantile(0.99),
    latenessP99Ms: record.lateness.quantile(0.99),
  };
}
