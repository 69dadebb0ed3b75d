import { CodedError, type Retry } from 'veltrix';
import { engineErrors } from '../errors.ts';
import { statusOf } from './status-table.ts';

// Importing node:http reads its every export, which loads fetch: 14 MB and 27 ms of each start.
const { STATUS_CODES } = process.getBuiltinModule('node:http');

export const problemMediaType = 'application/problem+json; charset=utf-8';

/** An RFC 9457 document; `code` is the stable error id to act on. */
export interface Problem {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly detail: string;
  readonly code: string;
  readonly retry: Retry;
  readonly retryAfterSeconds?: number;
}

const retryAfterDefaultSeconds = 1;

/**
 * The document of an error. Of an error that is none of ours, or that says nothing to a client, it
 * shows nothing but `engine-internal`.
 */
export function problemOf(error: unknown): Problem {
  const coded = publicError(error);
  const status = statusOf(coded.id) ?? 500;
  const problem: Problem = {
    type: `/errors/${coded.id}`,
    title: STATUS_CODES[status] ?? 'Error',
    status,
    detail: detailOf(coded),
    code: coded.id,
    retry: coded.retry,
  };
  if (coded.retry !== 'later') return problem;
  return { ...problem, retryAfterSeconds: retryAfterOf(coded) };
}

/** Whether the error's own message may leave the process. */
function isPublic(error: unknown): error is CodedError {
  return error instanceof CodedError && statusOf(error.id) !== undefined;
}

function publicError(error: unknown): CodedError {
  return isPublic(error) ? error : engineErrors.create('engine-internal');
}

/** Messages of the platform and of stores name files and reasons of the machine: not for a client. */
const privateMessage =
  /^(veltrix-(?!command-id-reused)|engine-store-|engine-archive-|engine-views-)/;

/** The message without the id at its end, which is a member of its own. */
function detailOf({ message, id }: CodedError): string {
  if (privateMessage.test(id)) return 'The engine cannot do this at the moment';
  const suffix = ` (${id})`;
  return message.endsWith(suffix) ? message.slice(0, -suffix.length) : message;
}

function retryAfterOf({ details }: CodedError): number {
  const seconds = details['seconds'] ?? details['retryAfterSeconds'];
  return typeof seconds === 'number' ? Math.max(1, Math.ceil(seconds)) : retryAfterDefaultSeconds;
}
