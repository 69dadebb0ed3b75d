import type { PropertyTable } from 'veltrix/config';

/** Settings of traces: `tracing.<key>` in files and flags. */
export const traceSettings = {
  'tracing.endpoint': {
    ...{ type: 'text', default: '', form: /^(?:https?:\/\/[^\s/?#@]+(?:\/[^\s?#]*)?)?$/ },
    formText: 'an address such as http://collector:4318, or nothing',
    text: 'Where traces go: a collector of OpenTelemetry that takes OTLP over HTTP as JSON. Without one nothing is traced.',
    why: 'Set it to follow single commands from the request to the standings, across partitions and nodes.',
  },
  'tracing.authorization': {
    ...{ type: 'secret', default: '' },
    text: 'What the collector is sent in the header Authorization.',
    why: 'For collectors that ask who sends.',
  },
  'tracing.sampleRatio': {
    ...{ type: 'ratio', default: 0.01, least: 0, most: 1, dynamic: true },
    text: 'Part of the requests that is traced when the request does not say whether it is.',
    why: 'Raise it to catch what is rare; each traced command costs some spans and 72 bytes in the log.',
    metrics: ['hunt_trace_spans_total'],
  },
  'tracing.sampledMaxPerSecond': {
    ...{ type: 'integer', default: 100, least: 0, most: 100_000, dynamic: true },
    ...{ unit: 'requests per second' },
    text: 'Requests that are traced within a second at most, those included whose sender says that they are.',
    why: 'Anybody can say so: it bounds what that costs.',
    metrics: ['hunt_trace_spans_total'],
  },
  'tracing.queueMaxSpans': {
    ...{ type: 'integer', default: 4_096, least: 64, most: 1_000_000, unit: 'spans' },
    text: 'Spans that wait for the collector; further ones are dropped.',
    why: 'Raise it where spans are dropped while the collector is slow; one takes about a kilobyte.',
    metrics: ['hunt_trace_spans_total', 'hunt_queue_entries'],
  },
} as const satisfies PropertyTable;

/** Values of the scope `tracing`. */
export interface TraceConfig {
  readonly endpoint: string;
  /** A reference: `file:PATH` or `env:NAME`. */
  readonly authorization: string;
  readonly sampleRatio: number;
  readonly sampledMaxPerSecond: number;
  readonly queueMaxSpans: number;
}
