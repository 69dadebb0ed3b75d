import type { CommandView } from 'veltrix';

/** A command as a gateway took it, one of the times that somebody sent it. */
export interface TakenCommand {
  /** Of the gateway. */
  readonly origin: number;
  readonly partition: number;
  /** See `sendingOf`. */
  readonly sending: string;
}

/**
 * Tells one sending of a command from the others of its gateway and partition, unless two came within a millisecond.
 *
 * @param id 32 hexadecimal digits
 * @param receivedAt when a gateway took it, as its record says; milliseconds since the epoch
 */
export function sendingOf(id: string, receivedAt: number): string {
  return `${id} of ${receivedAt}`;
}

/** The same of a command in a record. */
export function sendingIn({ bytes, idStart, receivedAt }: CommandView): string {
  return sendingOf(Buffer.from(bytes.subarray(idStart, idStart + 16)).toString('hex'), receivedAt);
}
