import type { errors } from 'cassandra-driver';

/** What a failed vote leaves open: too many want the same row, or whoever was asked did not say what came of it. */
export type FailedVote = 'contended' | 'unanswered';

/**
 * What the driver's error says of a vote that it was told not to repeat. Undefined where asking again would
 * bring the same, or where the driver has found no server to ask.
 *
 * @param classes the driver's, which is loaded late
 */
export function failedVote(
  error: unknown,
  { ResponseError, OperationTimedOutError }: typeof errors,
): FailedVote | undefined {
  if (error instanceof ResponseError) return isContention(error) ? 'contended' : unanswered(error);
  const isSocketError = (error as { readonly isSocketError?: boolean }).isSocketError === true;
  return error instanceof OperationTimedOutError || isSocketError ? 'unanswered' : undefined;
}

/** A time-out of the vote itself, 0x1100, or a vote of unknown end, 0x1700. */
function isContention(error: { readonly code: number; readonly writeType?: string }): boolean {
  return error.code === 0x1700 || (error.code === 0x1100 && error.writeType === 'CAS');
}

/** Codes 0x1000 to 0x1200: the server is overloaded or starts, or others did not answer it in time. */
function unanswered({ code }: { readonly code: number }): FailedVote | undefined {
  return code >= 0x1000 && code <= 0x1200 ? 'unanswered' : undefined;
}
