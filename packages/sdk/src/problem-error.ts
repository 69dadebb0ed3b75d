import { sdkErrors } from './errors.ts';
import type { HttpResponse } from './http-transport.ts';

/** When a caller may try again: with the same idempotency key, after a while, or not at all. */
export type Retry = 'same-id' | 'later' | 'never';

/** Problems that the client itself reports; they have status 0 unless an answer came. */
export type ClientProblemCode = keyof typeof sdkErrors.definitions;

export interface Problem {
  readonly code: string;
  /** HTTP status; 0 when no answer came. */
  readonly status: number;
  readonly title: string;
  readonly detail?: string | undefined;
  readonly retry: Retry;
  readonly retryAfterSeconds?: number | undefined;
  /** All members of the problem document, for those that only some problems have. */
  readonly members?: Readonly<Record<string, unknown>>;
}

/** Whatever the API or the client itself refuses; `code` is the stable id to act on. */
export class ProblemError extends Error {
  /** `engine-…`, `rules-…` and `veltrix-…` come from the server, `sdk-…` from this client. */
  readonly code: string;
  readonly status: number;
  readonly title: string;
  readonly detail: string | undefined;
  readonly retry: Retry;
  readonly retryAfterSeconds: number | undefined;
  readonly members: Readonly<Record<string, unknown>>;

  constructor(problem: Problem, options?: { readonly cause?: unknown }) {
    super(`${problem.detail ?? problem.title} (${problem.code})`, options);
    this.name = 'ProblemError';
    this.code = problem.code;
    this.status = problem.status;
    this.title = problem.title;
    this.detail = problem.detail;
    this.retry = problem.retry;
    this.retryAfterSeconds = problem.retryAfterSeconds;
    this.members = problem.members ?? {};
  }
}

export function clientProblem(
  code: ClientProblemCode,
  more: { readonly status?: number; readonly retry?: Retry; readonly cause?: unknown } = {},
): ProblemError {
  const { retry, message, remedy } = sdkErrors.definitions[code];
  return new ProblemError(
    { code, status: more.status ?? 0, title: `${message}. ${remedy}`, retry: more.retry ?? retry },
    { cause: more.cause },
  );
}

/** The error for an answer that is not 2xx. Also for what is no problem document, as a proxy may send. */
export function problemOf(response: HttpResponse): ProblemError {
  const members = objectOf(response.body);
  const code = members?.['code'];
  if (members === undefined || typeof code !== 'string') {
    // A proxy's 502 to 504 says nothing about what the server behind it did: only the same id is safe.
    const retry = response.status >= 500 ? 'same-id' : 'never';
    return clientProblem('sdk-answer-unexpected', { status: response.status, retry });
  }
  return new ProblemError({
    code,
    status: response.status,
    title: textOf(members['title']) ?? code,
    detail: textOf(members['detail']),
    retry: retryOf(members['retry']),
    retryAfterSeconds: secondsOf(members['retryAfterSeconds'] ?? response.header('retry-after')),
    members,
  });
}

/** The JSON object in `text`; undefined when it is anything else. */
function objectOf(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return isObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

function secondsOf(value: unknown): number | undefined {
  if (value === null || value === undefined || value === '') return undefined;
  const seconds = Number(value);
  return Number.isFinite(seconds) && seconds >= 0 ? seconds : undefined;
}

/** A word from a newer server is taken as the most careful one. */
function retryOf(value: unknown): Retry {
  return value === 'same-id' || value === 'later' ? value : 'never';
}
