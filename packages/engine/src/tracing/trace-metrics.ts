import type { MetricCatalog } from 'veltrix/telemetry';
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

export function measureTracing(exporter: SpanExporter, telemetry: ProcessTelemetry): void {
  telemetry.registry.measure('hunt_trace_spans_total', ['result'], (emit) => {
    for (const result of results) emit(exporter.counts[result], result);
  });
  telemetry.queues.add('trace-spans', (emit) =>
    emit({ entries: exporter.waiting, limitEntries: exporter.limit }),
  );
}
