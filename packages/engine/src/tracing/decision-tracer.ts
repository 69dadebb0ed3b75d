import { hasTracedDecisions } from 'veltrix';
import { newSpanId, type SpanSink, spanTime } from './span.ts';
import { TracedDecisions } from './traced-decisions.ts';

interface DecisionBytes {
  readonly bytes: Uint8Array;
}

/** The steps of traced commands behind their decision: whoever takes the decisions in. */
export class DecisionTracer {
  readonly #name: 'views' | 'archive';
  readonly #add: SpanSink;
  readonly #decisions = new TracedDecisions();

  constructor(name: 'views' | 'archive', add: SpanSink) {
    this.#name = name;
    this.#add = add;
  }

  /** Whatever `take` does with the decisions of a record is a span of each that is traced. */
  around<Result>(partition: number, record: Uint8Array, take: () => Result): Result {
    if (!hasTracedDecisions(record)) return take();
    const startedAt = spanTime();
    const result = take();
    this.#took(partition, record, startedAt);
    return result;
  }

  /** As `around`, for what ends later, and only when it succeeds. */
  async aroundAll(
    partition: number,
    records: readonly DecisionBytes[],
    take: () => Promise<void>,
  ): Promise<void> {
    const traced = records.filter(({ bytes }) => hasTracedDecisions(bytes));
    const startedAt = spanTime();
    await take();
    for (const { bytes } of traced) this.#took(partition, bytes, startedAt);
  }

  #took(partition: number, record: Uint8Array, startedAt: number): void {
    const endedAt = spanTime();
    const attributes = { 'hunt.partition': partition };
    this.#decisions.visit(partition, record, ({ context: { traceId }, spanId }) => {
      const own = { traceId, spanId: newSpanId(), parentSpanId: spanId };
      this.#add({ ...own, name: this.#name, kind: 'consumer', startedAt, endedAt, attributes });
    });
  }
}
