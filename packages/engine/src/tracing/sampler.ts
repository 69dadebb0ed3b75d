import type { TraceContext } from 'veltrix';
import type { Live } from 'veltrix/config';
import { newSpanId, newTraceId } from './span.ts';
import type { TraceConfig } from './trace-settings.ts';
import { isSampled, readTraceparent } from './traceparent.ts';

/** A request that is traced: its span is `context.spanId`. */
export interface SampledRequest {
  readonly context: TraceContext;
  /** Of whoever sent it and traces. */
  readonly parentSpanId: string | undefined;
}

const sampledFlag = 1;

export interface SamplerOptions {
  readonly config: Live<Pick<TraceConfig, 'sampleRatio' | 'sampledMaxPerSecond'>>;
  /** Milliseconds that only grow. */
  readonly now?: () => number;
  /** False: nothing is sampled. */
  readonly isOn?: () => boolean;
  /** 0 to below 1. */
  readonly random?: () => number;
}

/** Says which requests are traced: as the sender says, else a part of them, and never more than so many a second. */
export class Sampler {
  readonly #config: SamplerOptions['config'];
  readonly #now: () => number;
  readonly #random: () => number;
  readonly #isOn: () => boolean;
  #windowStart = Number.NEGATIVE_INFINITY;
  #sampled = 0;

  constructor(options: SamplerOptions) {
    const { config, now = () => performance.now(), random = Math.random } = options;
    this.#config = config;
    this.#isOn = options.isOn ?? (() => true);
    this.#now = now;
    this.#random = random;
  }

  /** @param traceparent the header of the request, if it has one */
  sample(traceparent: unknown): SampledRequest | undefined {
    if (!this.#isOn()) return undefined;
    if (traceparent === undefined) {
      if (this.#random() >= this.#config.current.sampleRatio || !this.#hasRoom()) return undefined;
      return { context: newContext(newTraceId(), sampledFlag), parentSpanId: undefined };
    }
    const parent = readTraceparent(traceparent);
    // As the standard has it: one that cannot be read is as none.
    if (parent === undefined) return this.sample(undefined);
    if (!isSampled(parent) || !this.#hasRoom()) return undefined;
    return { context: newContext(parent.traceId, parent.flags), parentSpanId: parent.spanId };
  }

  #hasRoom(): boolean {
    const now = this.#now();
    if (now - this.#windowStart >= 1_000) {
      this.#windowStart = now;
      this.#sampled = 0;
    }
    if (this.#sampled >= this.#config.current.sampledMaxPerSecond) return false;
    this.#sampled += 1;
    return true;
  }
}

function newContext(traceId: string, flags: number): TraceContext {
  return { traceId, spanId: newSpanId(), flags };
}
