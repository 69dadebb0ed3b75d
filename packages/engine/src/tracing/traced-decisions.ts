import {
  DecisionRecordReader,
  type DecisionView,
  decidedSpanId,
  hasTracedDecisions,
  platformEvent,
  readTraceContext,
  type TraceContext,
} from 'veltrix';

/** A decision whose command belongs to a trace. Its context is the visitor's; the rest is borrowed for the visit. */
export interface TracedDecision {
  /** That the command came with. */
  readonly context: TraceContext;
  /** Of the span in which it was decided. */
  readonly spanId: string;
  readonly decision: DecisionView;
  readonly records: DecisionRecordReader;
}

/** Finds the traced decisions of a record: one look at its header where there are none. */
export class TracedDecisions {
  readonly #reader = new DecisionRecordReader();

  visit(partition: number, record: Uint8Array, visit: (traced: TracedDecision) => void): void {
    if (!hasTracedDecisions(record)) return;
    const records = this.#reader;
    if (records.open(record) !== undefined) return;
    const { decision, event, commandOffset } = records;
    while (records.next()) {
      if (!records.nextEvent() || event.type !== platformEvent.traced) continue;
      const context = readTraceContext(event.view, event.payloadStart);
      const spanId = decidedSpanId(context, partition, commandOffset, decision.index);
      visit({ context, spanId, decision, records });
    }
  }
}
