import { GenericError, MultipleErrors, protocolErrors } from '@platformatic/kafka';

/** Codes of the protocol that are told apart here. */
export const kafkaCode = {
  none: 0,
  offsetOutOfRange: 1,
  unknownTopicOrPartition: 3,
  topicAlreadyExists: 36,
  invalidReplicationFactor: 38,
  outOfOrderSequence: 45,
  duplicateSequence: 46,
  invalidProducerEpoch: 47,
  invalidProducerIdMapping: 49,
  unknownProducerId: 59,
  producerFenced: 90,
  unknownTopicId: 100,
  inconsistentTopicId: 103,
} as const;

const names = new Map(Object.values(protocolErrors).map(({ code, id }) => [code, id]));

/** The protocol's own name of a code. */
export function codeName(code: number): string {
  return names.get(code) ?? `error ${code}`;
}

/** What went wrong, as a reason in a message of ours. */
export function reasonOf(error: unknown): string {
  if (MultipleErrors.isMultipleErrors(error as Error)) {
    const inner = (error as MultipleErrors).errors.map(reasonOf);
    return [...new Set(inner)].slice(0, 3).join('; ') || (error as Error).message;
  }
  if (!(error instanceof Error)) return String(error);
  const { cause } = error;
  const own = error.message || (error as NodeJS.ErrnoException).code || error.name;
  return GenericError.isGenericError(error) && cause instanceof Error
    ? `${own} ${reasonOf(cause)}`
    : own;
}

/** The answer that came along with an error: parts of it may well be good. */
export function answerIn<T>(error: unknown): T {
  const { response } = error as { response?: T };
  if (response === undefined) throw error;
  return response;
}

/**
 * What was asked, to be taken later: an answer with an error in it, for which the client throws, is one nevertheless.
 * Rejects where nothing was answered.
 */
export async function answered<T>(asked: Promise<T>): Promise<() => T> {
  try {
    const answer = await asked;
    return () => answer;
  } catch (error) {
    if ((error as { response?: unknown }).response === undefined) throw error;
    return () => {
      throw error;
    };
  }
}
