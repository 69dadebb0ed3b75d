import type { CommandView } from '../records/command-record.ts';
import type { Decision } from './decision.ts';
import { envelopeBytes, platformCode } from './platform-records.ts';

/** A timer for which there is no room is tried again after this long: by then others may have made some. */
const noRoomDelayMs = 10_000;
/** One at which the program faults waits for another version of it, and costs a record each time. */
const faultDelayMs = 3_600_000;

/**
 * Sets a timer again whose `decide` threw, so that what it is for gets done in the end. Its row is free, so
 * there is room for it.
 * @param fired the command of the timer; what it asks for has `type`
 * @param code why it threw, of `platformCode`
 */
export function setAgain(fired: CommandView, type: number, code: number, decision: Decision): void {
  const delayMs = code === platformCode.noRoom ? noRoomDelayMs : faultDelayMs;
  const from = fired.payloadStart + envelopeBytes;
  const bytes = fired.bytes.subarray(from, fired.payloadEnd);
  const start = decision.setTimer(fired.receivedAt + delayMs, type, bytes.length);
  const { view } = decision;
  new Uint8Array(view.buffer, view.byteOffset).set(bytes, start);
}
