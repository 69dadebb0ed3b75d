/** One step of a trace, done. Plain, so that it crosses between threads. */
export interface Span {
  /** 32 hexadecimal digits. */
  readonly traceId: string;
  /** 16 hexadecimal digits. */
  readonly spanId: string;
  readonly parentSpanId?: string;
  readonly name: string;
  readonly kind: 'internal' | 'server' | 'client' | 'producer' | 'consumer';
  /** Milliseconds since the epoch, with fractions. */
  readonly startedAt: number;
  readonly endedAt: number;
  readonly attributes: Readonly<Record<string, string | number | boolean>>;
  /** The id of an error. */
  readonly error?: string;
  /** A span of another trace that it came of. */
  readonly link?: { readonly traceId: string; readonly spanId: string };
}

/** Takes spans, never waits and never throws. */
export type SpanSink = (span: Span) => void;

/** Milliseconds since the epoch, with fractions; the same in all threads but for what a clock drifts. */
export function spanTime(): number {
  return performance.timeOrigin + performance.now();
}

/** 16 hexadecimal digits, not all zero. Ids of spans need not be secret. */
export function newSpanId(): string {
  return `${randomWord(1)}${randomWord(0)}`;
}

/** 32 hexadecimal digits, not all zero. */
export function newTraceId(): string {
  return `${newSpanId()}${newSpanId()}`;
}

function randomWord(least: number): string {
  const word = least + Math.floor(Math.random() * (2 ** 32 - least));
  return word.toString(16).padStart(8, '0');
}
