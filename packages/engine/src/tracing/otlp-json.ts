import type { Span } from './span.ts';

type Attribute = string | number | boolean;

const kinds = { internal: 1, server: 2, client: 3, producer: 4, consumer: 5 } as const;
const statusError = 2;

/** A request to export traces, OTLP 1.x in JSON: ids in hexadecimal, times as text in nanoseconds. */
export function otlpJson(
  resource: Readonly<Record<string, string>>,
  spans: readonly Span[],
): string {
  return JSON.stringify({
    resourceSpans: [
      {
        resource: { attributes: attributesOf(resource) },
        scopeSpans: [{ scope: { name: 'hunt' }, spans: spans.map(spanJson) }],
      },
    ],
  });
}

function spanJson(span: Span) {
  const { traceId, spanId, parentSpanId, name, kind, error, link } = span;
  return {
    ...{ traceId, spanId },
    ...(parentSpanId !== undefined && { parentSpanId }),
    ...{ name, kind: kinds[kind] },
    startTimeUnixNano: nanoseconds(span.startedAt),
    endTimeUnixNano: nanoseconds(Math.max(span.startedAt, span.endedAt)),
    attributes: attributesOf({
      ...span.attributes,
      ...(error !== undefined && { 'error.type': error }),
    }),
    ...(link !== undefined && { links: [link] }),
    ...(error !== undefined && { status: { code: statusError, message: error } }),
  };
}

/** A double has room for microseconds. */
function nanoseconds(milliseconds: number): string {
  return `${Math.round(milliseconds * 1_000)}000`;
}

function attributesOf(attributes: Readonly<Record<string, Attribute>>) {
  return Object.entries(attributes).map(([key, value]) => ({ key, value: valueJson(value) }));
}

function valueJson(value: Attribute) {
  if (typeof value === 'string') return { stringValue: value };
  if (typeof value === 'boolean') return { boolValue: value };
  return Number.isInteger(value) ? { intValue: String(value) } : { doubleValue: value };
}
