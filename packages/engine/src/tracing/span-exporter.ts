import { type ClientRequest, request as httpRequest } from 'node:http';
import type { Clock } from 'veltrix';
import { otlpJson } from './otlp-json.ts';
import type { Span } from './span.ts';
import type { SpanCounts } from './trace-metrics.ts';

export interface SpanExporterOptions {
  /** Of the collector; `/v1/traces` is added unless it ends so. */
  readonly endpoint: string;
  /** Of the header Authorization; none without. */
  readonly authorization?: string | undefined;
  /** What all spans come from: `service.name` and the like. */
  readonly resource: Readonly<Record<string, string>>;
  readonly queueMaxSpans: number;
  readonly clock: Clock;
  /** Where it counts; of its own unless given. */
  readonly counts?: SpanCounts;
  /** Spans cannot be sent, and why. Called once until one could be sent again. */
  readonly onProblem: (reason: string) => void;
}

const batchMaxSpans = 512;
const batchDelayMs = 500;
const answerTimeoutMs = 10_000;
const retryDelayMaxMs = 30_000;
const closeTimeoutMs = 2_000;

const path = '/v1/traces';

/**
 * Sends spans to a collector, some at a time, behind everything else: nobody waits for it, what waits is
 * bounded, and what does not fit is dropped and counted. While the collector is away what is there is
 * kept and tried again, ever more seldom.
 */
export class SpanExporter {
  /** Since the start: sent, dropped for lack of room, and refused by the collector. */
  readonly counts: SpanCounts;
  readonly #options: SpanExporterOptions;
  readonly #url: URL;
  readonly #waiting: Span[] = [];
  /** At the head of the queue, on their way. */
  #sending = 0;
  #request: ClientRequest | undefined;
  #cancelTimer: (() => void) | undefined;
  #retryDelayMs = batchDelayMs;
  #isFailing = false;
  #isClosed = false;
  #onEmpty: (() => void) | undefined;

  constructor(options: SpanExporterOptions) {
    this.#options = options;
    this.counts = options.counts ?? { sent: 0, dropped: 0, refused: 0 };
    const url = new URL(options.endpoint);
    if (!url.pathname.endsWith(path)) url.pathname = url.pathname.replace(/\/*$/, path);
    this.#url = url;
  }

  /** Spans that wait, those on their way included. */
  get waiting(): number {
    return this.#waiting.length;
  }

  get limit(): number {
    return this.#options.queueMaxSpans;
  }

  readonly add = (span: Span): void => {
    if (this.#isClosed || this.#waiting.length >= this.#options.queueMaxSpans) {
      this.counts.dropped += 1;
      return;
    }
    this.#waiting.push(span);
    if (this.#waiting.length === 1) this.#sendAfter(batchDelayMs);
  };

  #sendAfter(delayMs: number): void {
    if (this.#cancelTimer !== undefined || this.#sending > 0) return;
    this.#cancelTimer = this.#options.clock.after(delayMs, () => {
      this.#cancelTimer = undefined;
      void this.#send();
    });
  }

  async #send(): Promise<void> {
    const batch = this.#waiting.slice(0, batchMaxSpans);
    if (batch.length === 0 || this.#sending > 0) return;
    this.#sending = batch.length;
    const { resource } = this.#options;
    const result = await this.#post(otlpJson(resource, batch)).catch((error: Error) => error);
    this.#sending = 0;
    this.#request = undefined;
    if (result instanceof Error || isTemporary(result)) this.#failed(batch.length, result);
    else this.#done(batch.length, result);
    if (this.#waiting.length === 0) this.#onEmpty?.();
    else this.#sendAfter(this.#isFailing ? this.#retryDelayMs : 0);
  }

  #done(count: number, status: number): void {
    this.#waiting.splice(0, count);
    const isTaken = status >= 200 && status < 300;
    this.counts[isTaken ? 'sent' : 'refused'] += count;
    if (!isTaken) return this.#tell(`it answers ${status}`);
    this.#isFailing = false;
    this.#retryDelayMs = batchDelayMs;
  }

  #failed(count: number, result: Error | number): void {
    this.#tell(result instanceof Error ? result.message : `it answers ${result}`);
    this.#retryDelayMs = Math.min(this.#retryDelayMs * 2, retryDelayMaxMs);
    if (!this.#isClosed) return;
    this.#waiting.splice(0, count);
    this.counts.dropped += count;
  }

  #tell(reason: string): void {
    if (this.#isFailing) return;
    this.#isFailing = true;
    this.#options.onProblem(reason);
  }

  async #post(body: string): Promise<number> {
    const { authorization } = this.#options;
    const isSecure = this.#url.protocol === 'https:';
    const request = isSecure ? (await import('node:https')).request : httpRequest;
    const { promise, resolve, reject } = Promise.withResolvers<number>();
    const sent = request(this.#url, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        'content-length': Buffer.byteLength(body),
        ...(authorization !== undefined && { authorization }),
      },
    });
    this.#request = sent;
    sent.on('response', (response) => {
      response.on('error', reject).on('end', () => resolve(response.statusCode ?? 0));
      response.resume();
    });
    sent.on('error', reject);
    sent.end(body);
    const late = () => sent.destroy(new Error(`no answer in ${answerTimeoutMs} ms`));
    return promise.finally(this.#options.clock.after(answerTimeoutMs, late));
  }

  /** Sends what waits, for two seconds at most, and takes nothing more. */
  async close(): Promise<void> {
    this.#isClosed = true;
    this.#stopTimer();
    if (this.#waiting.length === 0) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#onEmpty = resolve;
    const cancel = this.#options.clock.after(closeTimeoutMs, resolve);
    if (this.#sending === 0) void this.#send();
    await promise;
    cancel();
    this.#stopTimer();
    this.#request?.destroy();
  }

  #stopTimer(): void {
    this.#cancelTimer?.();
    this.#cancelTimer = undefined;
  }
}

function isTemporary(status: number): boolean {
  return status === 429 || (status >= 500 && status !== 501);
}
