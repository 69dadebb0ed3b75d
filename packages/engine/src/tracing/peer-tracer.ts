import { newSpanId, type SpanSink, spanTime } from './span.ts';
import { isSampled, readTraceparent } from './traceparent.ts';

/** Traces the questions that this node answers. */
export interface PeerTracer {
  /**
   * A question of another node has come, with this header. Returns what ends its step, with the id of an error
   * where there is one; undefined where it is not traced: that was decided where the request arrived.
   */
  answering(name: string, traceparent: unknown): ((error?: string) => void) | undefined;
}

export function peerTracer(add: SpanSink): PeerTracer {
  return {
    answering(name, traceparent) {
      const asked = readTraceparent(traceparent);
      if (asked === undefined || !isSampled(asked)) return undefined;
      const startedAt = spanTime();
      return (error) => {
        add({
          ...{ traceId: asked.traceId, spanId: newSpanId(), parentSpanId: asked.spanId },
          ...{ name: `answer ${name}`, kind: 'server', startedAt, endedAt: spanTime() },
          attributes: {},
          ...(error !== undefined && { error }),
        });
      };
    },
  };
}
