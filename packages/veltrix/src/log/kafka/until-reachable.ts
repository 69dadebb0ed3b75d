import { CodedError } from '../../coded-error.ts';
import { veltrixErrors } from '../../errors.ts';
import { Backoff } from './backoff.ts';
import { type KafkaAccess, refusalOf, silenceOf } from './kafka-brokers.ts';

/** Tries until it works, or something is wrong that waiting does not mend. */
export async function untilReachable<T>(
  access: KafkaAccess,
  timeoutMs: number,
  attempt: () => Promise<T>,
): Promise<T> {
  const deadline = performance.now() + timeoutMs;
  const backoff = new Backoff(50, 1_000);
  for (;;) {
    try {
      return await attempt();
    } catch (error) {
      if (error instanceof CodedError || error instanceof RangeError) throw error;
      const isLast = performance.now() >= deadline;
      const refusal = await refusalOf(error, access);
      if (refusal) throw refusal;
      if (isLast) {
        const details = {
          bootstrap: access.bootstrap.join(','),
          timeoutMs,
          reason: await silenceOf(error, access),
        };
        throw veltrixErrors.create('veltrix-kafka-unreachable', details, { cause: error });
      }
    }
    await new Promise((resolve) => setTimeout(resolve, backoff.next()));
  }
}
