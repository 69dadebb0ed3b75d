import { CodedError, type Retry } from 'veltrix';

/** An error as it crosses between threads. */
export interface ErrorMessage {
  readonly id: string;
  readonly retry: Retry;
  readonly message: string;
}

export function errorMessage(error: unknown): ErrorMessage {
  if (error instanceof CodedError) {
    const { id, retry, message } = error;
    return { id, retry, message };
  }
  const message = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return { id: 'engine-internal', retry: 'never', message };
}

/** The error from the other thread, with its id and text. */
export function errorIn({ id, retry, message }: ErrorMessage): CodedError {
  const text = message.endsWith(` (${id})`) ? message.slice(0, -id.length - 3) : message;
  return new CodedError(id, { retry, message: text, cause: '', remedy: '' }, {});
}
