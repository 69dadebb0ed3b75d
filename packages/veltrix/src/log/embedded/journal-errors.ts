import { CodedError } from '../../coded-error.ts';
import { veltrixErrors } from '../../errors.ts';
import { isSystemError } from '../../storage/system-error.ts';

export function damaged(file: string, position: number, reason: string): CodedError {
  return veltrixErrors.create('veltrix-log-damaged', { file, position, reason });
}

/**
 * Turns an error of the operating system into `veltrix-log-io-failed`. Anything else is passed on as
 * it is: it is a bug, or the simulator pulling the plug.
 */
export function ioFailed(operation: string, file: string, error: unknown): CodedError {
  if (!isSystemError(error)) throw error;
  return veltrixErrors.create(
    'veltrix-log-io-failed',
    { operation, file, reason: error.message },
    { cause: error },
  );
}

/** Runs `work`, which does `operation` on `file`, with the errors of `ioFailed`. */
export function withIo<T>(operation: string, file: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw ioFailed(operation, file, error);
  }
}

/** The error when it is one of ours; anything else is thrown on. */
export function codedOrThrow(error: unknown): CodedError {
  if (!(error instanceof CodedError)) throw error;
  return error;
}
