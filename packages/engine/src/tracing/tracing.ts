import { hostname } from 'node:os';
import type { Logger } from 'pino';
import { type Clock, systemClock } from 'veltrix';
import { type Live, readSecret } from 'veltrix/config';
import type { ProcessTelemetry } from '../metrics/process-telemetry.ts';
import { DecisionTracer } from './decision-tracer.ts';
import { type PeerTracer, peerTracer } from './peer-tracer.ts';
import { appending } from './processor-tracer.ts';
import { RequestTracer } from './request-tracer.ts';
import { Sampler } from './sampler.ts';
import type { Span } from './span.ts';
import { SpanExporter } from './span-exporter.ts';
import { measureExporter } from './trace-metrics.ts';
import type { TraceConfig } from './trace-settings.ts';

export interface TracingOptions {
  readonly config: Live<TraceConfig>;
  readonly logger: Logger;
  readonly telemetry: ProcessTelemetry;
  /** Name of the node; without one that of the machine. */
  readonly node?: string;
  readonly release?: string;
  readonly clock?: Clock;
}

/**
 * What a process traces, and where it goes. Loaded only where `tracing.endpoint` is set. Throws
 * `veltrix-secret-unreadable`.
 */
export class Tracing {
  readonly requests: RequestTracer;
  readonly peers: PeerTracer;
  readonly #exporter: SpanExporter;
  /** While it is false no request is sampled; what others have sampled is traced all the same. */
  isSampling = true;

  constructor({ config, logger, telemetry, ...options }: TracingOptions) {
    const { endpoint, authorization, queueMaxSpans } = config.current;
    const place = { name: 'tracing.authorization', directory: '.', env: process.env };
    this.#exporter = new SpanExporter({
      ...{ endpoint, queueMaxSpans, clock: options.clock ?? systemClock },
      authorization: authorization === '' ? undefined : readSecret(authorization, place),
      counts: telemetry.spans,
      resource: {
        'service.name': 'hunt',
        'service.instance.id': options.node ?? hostname(),
        ...(options.release !== undefined && { 'service.version': options.release }),
      },
      onProblem: (reason) => logger.warn({ error: reason }, 'traces cannot be sent'),
    });
    measureExporter(this.#exporter, telemetry);
    const sampler = new Sampler({ config, isOn: () => this.isSampling });
    this.requests = new RequestTracer(sampler, this.#exporter.add);
    this.peers = peerTracer(this.#exporter.add);
  }

  readonly add = (span: Span): void => this.#exporter.add(span);

  /** From other threads. */
  readonly addAll = (spans: readonly Span[]): void => {
    for (const span of spans) this.#exporter.add(span);
  };

  /** For who takes decisions in, on this thread. */
  decisions(name: 'views' | 'archive'): DecisionTracer {
    return new DecisionTracer(name, this.#exporter.add);
  }

  /** For who appends records to a shared log. */
  readonly appending = (partition: number, record: Uint8Array): (() => void) =>
    appending(partition, record, this.#exporter.add);

  close(): Promise<void> {
    return this.#exporter.close();
  }
}
