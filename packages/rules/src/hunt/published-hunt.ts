import { acceptedHashes } from '../definition/accepted-hashes.ts';
import type { HuntDefinition } from '../definition/hunt-definition.ts';
import { scanCodeText } from '../definition/scan-code.ts';

/**
 * A hunt as it goes through the log: answers and scan codes are left out, their hashes stand in
 * `accepted`, by step, as 32 hexadecimal digits each.
 */
export interface PublishedHunt {
  readonly definition: HuntDefinition;
  readonly accepted: readonly (readonly string[])[];
}

export function publishHunt(definition: HuntDefinition, secret: Uint8Array): PublishedHunt {
  return {
    definition: {
      ...definition,
      steps: definition.steps.map((step) => ({ ...step, answers: [], scanCode: null })),
    },
    accepted: definition.steps.map((step) =>
      acceptedHashes(secret, definition.id, step).map((hash) => Buffer.from(hash).toString('hex')),
    ),
  };
}

/** What hangs at a step to be scanned. */
export interface StepScanCode {
  /** Its id. */
  readonly step: string;
  readonly title: string;
  /** The text of the QR code: solves the step for whoever has it. */
  readonly code: string;
}

/** Of every step of kind `scan`, in the order of the steps; its accepted hash is the signature. */
export function scanCodesOf({ definition, accepted }: PublishedHunt): StepScanCode[] {
  return definition.steps.flatMap(({ id: step, title, kind }, number) => {
    if (kind !== 'scan') return [];
    const signature = new Uint8Array(Buffer.from(accepted[number]![0]!, 'hex'));
    return [
      { step, title, code: scanCodeText({ huntId: definition.id, stepId: step, signature }) },
    ];
  });
}
