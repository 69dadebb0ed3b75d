import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { TraceContext } from 'veltrix';
import type { Sampler } from './sampler.ts';
import { newSpanId, type SpanSink, spanTime } from './span.ts';
import { type TracedQuestion, type TraceScope, withTrace } from './trace-scope.ts';
import { writeTraceparent } from './traceparent.ts';

/** Of one request: commands that are sent to serve it, and questions to other nodes. */
const stepsMax = 16;

/** A request of the gateway that is traced. */
export class TracedRequest implements TraceScope {
  /** What its commands go on with. */
  readonly context: TraceContext;
  readonly #parentSpanId: string | undefined;
  readonly #add: SpanSink;
  readonly #startedAt = spanTime();
  #decidedAt: number | undefined;
  #commandsLeft = stepsMax;
  #questionsLeft = stepsMax;

  constructor(context: TraceContext, parentSpanId: string | undefined, add: SpanSink) {
    this.context = context;
    this.#parentSpanId = parentSpanId;
    this.#add = add;
  }

  /** Its command was let in and is sent: until now it waited for that. */
  admitted(): void {
    this.#child('admission', this.#startedAt);
  }

  /** The outcome of its command has come; what follows is the reply. */
  decided(): void {
    this.#decidedAt ??= spanTime();
  }

  command(): TraceContext | undefined {
    if (this.#commandsLeft === 0) return undefined;
    this.#commandsLeft -= 1;
    return this.context;
  }

  question(name: string, address: string): TracedQuestion | undefined {
    if (this.#questionsLeft === 0) return undefined;
    this.#questionsLeft -= 1;
    const { traceId, spanId: parentSpanId, flags } = this.context;
    const own = { traceId, spanId: newSpanId() };
    const startedAt = spanTime();
    return {
      traceparent: writeTraceparent({ ...own, flags }),
      end: (error) => {
        this.#add({
          ...{ ...own, parentSpanId, name: `ask ${name}`, kind: 'client', startedAt },
          ...{ endedAt: spanTime(), attributes: { 'hunt.node.address': address } },
          ...(error !== undefined && { error }),
        });
      },
    };
  }

  /** The request is answered. */
  answered(method: string, route: string, status: number): void {
    const attributes = {
      'http.request.method': method,
      ...(route !== '' && { 'http.route': route }),
      'http.response.status_code': status,
    };
    const error = status >= 500 ? String(status) : undefined;
    this.end(`${method} ${route}`.trimEnd(), attributes, error);
  }

  /** Whatever it is, it is done. */
  end(name: string, attributes: Readonly<Record<string, string | number>>, error?: string): void {
    if (this.#decidedAt !== undefined) this.#child('reply', this.#decidedAt);
    const { traceId, spanId } = this.context;
    this.#add({
      ...{ traceId, spanId, name, kind: 'server', attributes },
      ...{ startedAt: this.#startedAt, endedAt: spanTime() },
      ...(this.#parentSpanId !== undefined && { parentSpanId: this.#parentSpanId }),
      ...(error !== undefined && { error }),
    });
  }

  #child(name: string, startedAt: number): void {
    const { traceId, spanId: parentSpanId } = this.context;
    const own = { traceId, spanId: newSpanId(), parentSpanId };
    this.#add({ ...own, name, kind: 'internal', startedAt, endedAt: spanTime(), attributes: {} });
  }
}

/** Traces the requests of a gateway that are sampled. */
export class RequestTracer {
  readonly #sampler: Sampler;
  readonly #add: SpanSink;
  readonly #traced = new WeakMap<FastifyRequest, TracedRequest>();

  constructor(sampler: Sampler, add: SpanSink) {
    this.#sampler = sampler;
    this.#add = add;
  }

  /** For all routes that are registered later. */
  attach(app: FastifyInstance): void {
    app.addHook('onRequest', (request, _reply, done) => {
      this.#begin(request);
      done();
    });
    app.addHook('onRoute', (route) => {
      const { handler } = route;
      const traced = this.#traced;
      // Not by one more hook for each request: that would cost those that are not traced.
      route.handler = function traceable(request, reply) {
        const trace = traced.get(request);
        if (trace === undefined) return handler.call(this, request, reply);
        return withTrace(trace, () => handler.call(this, request, reply));
      };
    });
    app.addHook('onResponse', (request, reply, done) => {
      this.#end(request, reply);
      done();
    });
  }

  /** Undefined where the request is not traced. */
  of(request: FastifyRequest): TracedRequest | undefined {
    return this.#traced.get(request);
  }

  /** A request that fastify does not see, or a command of a WebSocket; undefined where it is not traced. */
  begin(traceparent?: unknown): TracedRequest | undefined {
    const sampled = this.#sampler.sample(traceparent);
    return sampled && new TracedRequest(sampled.context, sampled.parentSpanId, this.#add);
  }

  #begin(request: FastifyRequest): void {
    const traced = this.begin(request.headers['traceparent']);
    if (traced === undefined) return;
    this.#traced.set(request, traced);
    const { traceId, spanId } = traced.context;
    request.log = request.log.child({ 'trace.id': traceId, 'span.id': spanId });
  }

  #end(request: FastifyRequest, { statusCode }: FastifyReply): void {
    const { method, routeOptions } = request;
    this.#traced.get(request)?.answered(method, routeOptions.url ?? '', statusCode);
  }
}
