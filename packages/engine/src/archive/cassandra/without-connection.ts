/**
 * Whether the driver failed because it has no connection to the server it chose. It tells that by a plain
 * `Error`, in words only, in the moment between losing the last connection and giving the server up.
 */
export function isWithoutConnection(error: unknown): error is Error {
  return error instanceof Error && error.message === 'No connection available';
}
