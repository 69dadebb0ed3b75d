import { engineErrors } from './errors.ts';

/** Works with a file. What fails is thrown as `engine-store-failed` of that file; our own errors pass. */
export function storing<T>(file: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw storeFailed(file, error);
  }
}

/** An error of the operating system as `engine-store-failed`; our own pass. */
export function storeFailed(file: string, error: unknown): Error {
  if (error instanceof Error && 'id' in error) return error;
  const reason = error instanceof Error ? error.message : String(error);
  return engineErrors.create('engine-store-failed', { file, reason }, { cause: error });
}
