import { fetchTransport } from './fetch-transport.ts';
import type { HttpRequest, HttpResponse, HttpTransport } from './http-transport.ts';
import { clientProblem, problemOf } from './problem-error.ts';
import { RetryBudget } from './retry-budget.ts';
import { defaultRetryPolicy, pauseBeforeNext, type RetryPolicy } from './retry-policy.ts';

/** What every client takes. */
export interface ClientOptions {
  /** For example `http://127.0.0.1:8080`. */
  readonly baseUrl: string;
  readonly transport?: HttpTransport;
  readonly retry?: Partial<RetryPolicy>;
  /** Milliseconds for one attempt, 15,000 unless told; the server itself waits at most 5,000. */
  readonly timeoutMs?: number;
}

export interface ApiCall {
  readonly method: HttpRequest['method'];
  /** Below the base, beginning with `/`. */
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  /** Doing it twice is as good as once, so that it may be repeated when nothing is known. */
  readonly repeatable: boolean;
  readonly signal?: AbortSignal | undefined;
}

/** Makes calls, with authorization, time limit, retries and a budget for them; turns every failure into a `ProblemError`. */
export class ApiCaller {
  readonly baseUrl: string;
  readonly policy: RetryPolicy;
  /** Player token or organiser key. */
  bearer: string | undefined;
  readonly #transport: HttpTransport;
  readonly #timeoutMs: number;
  readonly #budget: RetryBudget;

  constructor(options: ClientOptions, bearer: string | undefined) {
    this.baseUrl = options.baseUrl.replace(/\/+$/, '');
    this.policy = { ...defaultRetryPolicy, ...options.retry };
    this.bearer = bearer;
    this.#transport = options.transport ?? fetchTransport;
    this.#timeoutMs = options.timeoutMs ?? 15_000;
    this.#budget = new RetryBudget(this.policy.budget, performance.now());
  }

  async call(call: ApiCall): Promise<HttpResponse> {
    this.#budget.asked();
    for (let attempt = 1; ; attempt++) {
      try {
        return await this.#attempt(call);
      } catch (error) {
        const pause = pauseBeforeNext(this.policy, attempt, error, call.repeatable);
        if (pause === undefined || !this.#budget.tryAgain(performance.now())) throw error;
        await this.policy.wait(pause, call.signal);
      }
    }
  }

  /** The answer's JSON; the caller states its shape, which the API's description promises. */
  async json<T>(call: ApiCall): Promise<T> {
    return parsed<T>(await this.call(call));
  }

  get<T>(path: string, signal?: AbortSignal): Promise<T> {
    return this.json<T>({ method: 'GET', path, repeatable: true, signal });
  }

  async #attempt(call: ApiCall): Promise<HttpResponse> {
    call.signal?.throwIfAborted();
    const timeout = AbortSignal.timeout(this.#timeoutMs);
    let response: HttpResponse;
    try {
      response = await this.#transport.send({
        method: call.method,
        url: this.baseUrl + call.path,
        headers: {
          accept: 'application/json, application/problem+json',
          // Whoever works on it need not begin with it later than that.
          'hunt-timeout-ms': String(Math.max(1, Math.ceil(this.#timeoutMs))),
          ...(this.bearer === undefined ? {} : { authorization: `Bearer ${this.bearer}` }),
          ...(call.body === undefined ? {} : { 'content-type': 'application/json' }),
          ...call.headers,
        },
        signal: call.signal === undefined ? timeout : AbortSignal.any([call.signal, timeout]),
        ...(call.body === undefined ? {} : { body: call.body }),
      });
    } catch (cause) {
      call.signal?.throwIfAborted();
      throw clientProblem(timeout.aborted ? 'sdk-timeout' : 'sdk-unreachable', { cause });
    }
    if (response.status < 200 || response.status > 299) throw problemOf(response);
    return response;
  }
}

export function parsed<T>(response: HttpResponse): T {
  try {
    return JSON.parse(response.body) as T;
  } catch (cause) {
    throw clientProblem('sdk-answer-unexpected', { status: response.status, cause });
  }
}
