import type { Span, SpanSink } from './span.ts';

/** What one turn may gather; more would be dropped by who sends them, too. */
const batchMaxSpans = 4_096;

/** Gathers the spans of a turn of a thread, and hands them over in one piece. */
export function spanBatch(post: (spans: readonly Span[]) => void): SpanSink {
  let gathered: Span[] = [];
  return (span) => {
    if (gathered.length >= batchMaxSpans) return;
    if (gathered.push(span) > 1) return;
    queueMicrotask(() => {
      const spans = gathered;
      gathered = [];
      post(spans);
    });
  };
}
