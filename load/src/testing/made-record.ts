import { LoadRecord } from '../generator/load-record.ts';
import { figuresOf, type LoadReport, reportFormat } from '../run/load-report.ts';
import { verdictOf } from '../verdict/verdict.ts';

export interface MadeRecord {
  readonly seconds?: number;
  /** Of all in that second; 100 arrivals each. */
  readonly latencyMs?: (second: number) => number;
  /** Of the 100 in that second. */
  readonly failed?: (second: number) => number;
  readonly latenessMs?: number;
}

const perSecond = 100;

/** What a run might have measured. */
export function madeRecord(options: MadeRecord = {}): LoadRecord {
  const { seconds = 20, latencyMs = () => 10, failed = () => 0, latenessMs = 1 } = options;
  const record = new LoadRecord(1_000);
  for (let second = 0; second < seconds; second++) {
    const slice = record.slice(second * 1_000);
    const lost = failed(second);
    slice.offered = perSecond;
    slice.done = perSecond - lost;
    slice.failed = lost;
    slice.busy = 0.2;
    record.offered += perSecond;
    record.decided += perSecond - lost;
    record.failed += lost;
    for (const histogram of [slice.latency, record.latency, record.ofAction('claim')]) {
      histogram.record(latencyMs(second), perSecond);
    }
    record.service.record(latencyMs(second) / 2, perSecond);
    record.lateness.record(latenessMs, perSecond);
    record.stalls.record(1, 1_000);
  }
  record.outcomes = { granted: record.decided };
  if (record.failed > 0) record.failures = { 'engine-overloaded': record.failed };
  record.threads = [{ busy: 0.2, cpu: 0.1, starved: null }];
  return record;
}

/** A report of it, with an objective of 50 ms for p99. */
export function madeReport(options: MadeRecord = {}, subject: object = {}): LoadReport {
  const record = madeRecord(options);
  const latencies = [{ name: 'p99', quantile: 0.99, mostMs: 50 }];
  const objectives = { latencies, errors: 0.01, goodput: undefined };
  return {
    format: reportFormat,
    subject: {
      ...{ scenario: 'Made', loadHash: 'abc', hunt: 'h', target: 'http://127.0.0.1:1' },
      ...{ startedAt: '2026-11-21T10:00:00.000Z', durationMs: 20_000, players: 5, connections: 9 },
      ...{ live: 0, threads: 1, sharesMachine: true, ...subject },
    },
    verdict: verdictOf(record, { objectives, latenessMs: 10 }),
    figures: figuresOf(record),
    record: JSON.parse(JSON.stringify(record)),
  };
}
