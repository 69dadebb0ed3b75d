import { eventType, isRefusal, outcome } from '@hunt/rules';
import { decisionStatus } from 'veltrix';

/*
 * A claim, a collection or a join may be answered by another partition: then its decision is pending, and
 * an event that carries the command's id in its extra bytes is the last word on it.
 */

/** Whether the outcome's last word is still to come, from another partition. */
export function isPending(code: number): boolean {
  return (
    code === outcome.claimPending || code === outcome.collectPending || code === outcome.joinPending
  );
}

/** Whether events of this type are a last word: detail = outcome code, item and value those of the outcome. */
export function isLastWord(type: number): boolean {
  return (
    type === eventType.claimSettled ||
    type === eventType.collectSettled ||
    type === eventType.playerJoined ||
    type === eventType.playerRefused
  );
}

/** Status that goes with the code of an answer from another partition. */
export function settledStatus(code: number): number {
  return isRefusal(code) ? decisionStatus.rejected : decisionStatus.accepted;
}
