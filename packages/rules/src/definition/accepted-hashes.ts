import { answerHash } from './answer.ts';
import type { StepDefinition } from './hunt-definition.ts';
import { scanHash } from './scan-code.ts';

/**
 * The 16-byte hashes that solve a step: one per accepted answer, one for a scan, none for a place.
 * This is what a published hunt carries in place of answers and scan codes.
 */
export function acceptedHashes(
  secret: Uint8Array,
  huntId: string,
  step: StepDefinition,
): Uint8Array[] {
  const hashes = step.answers.map((answer) => answerHash(secret, huntId, answer));
  if (step.scanCode !== null) hashes.push(scanHash(secret, huntId, step.id, step.scanCode));
  return hashes;
}
