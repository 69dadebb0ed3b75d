import { MetricRegistry, ThreadMeter, threadBoard } from 'veltrix/telemetry';
import { measureSpans } from '../tracing/trace-metrics.ts';
import { CassandraTraffics } from './cassandra-metrics.ts';
import { Dependencies } from './dependency-metrics.ts';
import { type EngineRegistry, engineMetrics } from './engine-metrics.ts';
import { LagBook } from './lag-metrics.ts';
import { measureProcess } from './process-metrics.ts';
import { QueueBook } from './queue-metrics.ts';
import { Threads } from './thread-metrics.ts';

/** What this process measures; every role adds its own. */
export class ProcessTelemetry {
  readonly registry: EngineRegistry = new MetricRegistry(engineMetrics);
  readonly queues = new QueueBook(this.registry);
  readonly lags = new LagBook(this.registry);
  readonly threads = new Threads(this.registry);
  readonly cassandra = new CassandraTraffics(this.registry, this.queues);
  readonly dependencies = new Dependencies(this.registry);
  /** Of traces. */
  readonly spans = measureSpans(this.registry);
  readonly #board = threadBoard();
  #meter: ThreadMeter | undefined;

  /** @param directory of the data, where there is one */
  constructor(directory?: string) {
    measureProcess(this.registry, directory);
    this.threads.add('main', this.#board);
  }

  /** Looks once a second from now on at what only shows over time; keeps no process alive. */
  start(): void {
    this.#meter = new ThreadMeter(this.#board);
    this.#meter.start(() => this.registry.sample());
  }

  stop(): void {
    this.#meter?.stop();
  }
}
