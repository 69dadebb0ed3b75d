import type { MetricCatalog } from 'veltrix/telemetry';
import type { EngineRegistry } from '../metrics/engine-metrics.ts';
import type { ProcessTelemetry } from '../metrics/process-telemetry.ts';
import type { SpanExporter } from './span-exporter.ts';

const results = ['sent', 'dropped', 'refused'] as const;

export const traceMetrics = {
  hunt_trace_spans_total: {
    ...{ type: 'counter', owner: 'every role', labels: { result: results } },
    help: 'Spans of traces: sent to the collector, dropped because too many waited for it, or refused by it. None where tracing is off.',
    whenItMoves:
      'Dropped: the collector is slow or away, or too much is sampled. Refused: it does not take what it is sent; the log says its answer.',
  },
} as const satisfies MetricCatalog;

/** Since the start. */
export type SpanCounts = Record<(typeof results)[number], number>;

/** Shows them, also where nothing is traced. */
export function measureSpans(registry: EngineRegistry): SpanCounts {
  const counts: SpanCounts = { sent: 0, dropped: 0, refused: 0 };
  registry.measure('hunt_trace_spans_total', ['result'], (emit) => {
    for (const result of results) emit(counts[result], result);
  });
  return counts;
}

export function measureExporter(exporter: SpanExporter, { queues }: ProcessTelemetry): void {
  queues.add('trace-spans', (emit) =>
    emit({ entries: exporter.waiting, limitEntries: exporter.limit }),
  );
}
