import { commandType, messageType, outcome } from '@hunt/rules';
import {
  CommandRecordReader,
  type DecisionView,
  decisionStatus,
  firstApplicationType,
  platformCommand,
  type TraceContext,
} from 'veltrix';
import type { FiredTrace, FoldTracer } from 'veltrix/processor';
import { newSpanId, newTraceId, type SpanSink, spanTime } from './span.ts';
import { TracedDecisions } from './traced-decisions.ts';

const outcomeNames = namesOf(outcome);
const statusNames = namesOf(decisionStatus);
const typeNames = new Map([
  ...namesOf(commandType),
  ...namesOf(messageType),
  ...namesOf(platformCommand),
]);

/** The steps of traced commands that a partition takes: into the log, and decided. */
export function processorTracer(partition: number, add: SpanSink): FoldTracer {
  const decisions = new TracedDecisions();
  return {
    now: spanTime,
    appending: (record) => appending(partition, record, add),
    firing: (setBy, type, dueAt) => firing({ partition, setBy, type, dueAt }, add),
    decided(record, startedAt) {
      const endedAt = spanTime();
      decisions.visit(partition, record, ({ context, spanId, decision, records }) => {
        add({
          ...{ traceId: context.traceId, spanId, parentSpanId: context.spanId },
          ...{ name: 'decide', kind: 'consumer', startedAt, endedAt },
          attributes: {
            'hunt.partition': partition,
            'hunt.command.offset': records.commandOffset,
            'hunt.command.index': decision.index,
            'hunt.record.commands': records.count,
            ...decisionAttributes(decision),
          },
        });
      });
    },
  };
}

interface DueTimer {
  readonly partition: number;
  readonly setBy: TraceContext;
  readonly type: number;
  readonly dueAt: number;
}

/**
 * A trace of its own: a timer may be due long after whoever looks at traces has put that of the request
 * away. Its first span is how late it was, from when it was due until its command was handed to the log.
 */
function firing({ partition, setBy, type, dueAt }: DueTimer, add: SpanSink): FiredTrace {
  const own = { traceId: newTraceId(), spanId: newSpanId() };
  const link = { traceId: setBy.traceId, spanId: setBy.spanId };
  const attributes = {
    'hunt.partition': partition,
    'hunt.timer.type': typeNames.get(type) ?? String(type),
  };
  return {
    context: { ...own, flags: setBy.flags },
    sent: () => {
      const endedAt = spanTime();
      const startedAt = Math.min(dueAt, endedAt);
      add({ ...own, link, name: 'timer', kind: 'internal', startedAt, endedAt, attributes });
    },
  };
}

/** The step into the log of a record; returns what ends it. */
export function appending(partition: number, record: Uint8Array, add: SpanSink): () => void {
  const startedAt = spanTime();
  const reader = new CommandRecordReader();
  const contexts: TraceContext[] = [];
  if (reader.open(record) === undefined) {
    while (reader.next()) {
      const context = reader.trace();
      if (context) contexts.push(context);
    }
  }
  const attributes = { 'hunt.partition': partition, 'hunt.record.commands': reader.count };
  return () => {
    const endedAt = spanTime();
    for (const { traceId, spanId } of contexts) {
      const own = { traceId, spanId: newSpanId(), parentSpanId: spanId };
      add({ ...own, name: 'append', kind: 'producer', startedAt, endedAt, attributes });
    }
  };
}

function decisionAttributes({ commandType: type, status, code }: DecisionView) {
  return {
    'hunt.command.type': typeNames.get(type) ?? String(type),
    'hunt.decision.status': statusNames.get(status) ?? String(status),
    ...(code >= firstApplicationType && {
      'hunt.decision.outcome': outcomeNames.get(code) ?? code,
    }),
  };
}

function namesOf(numbers: Readonly<Record<string, number>>): Map<number, string> {
  return new Map(Object.entries(numbers).map(([name, number]) => [number, name]));
}
