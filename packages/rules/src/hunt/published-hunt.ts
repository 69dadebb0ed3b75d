import { acceptedHashes } from '../definition/accepted-hashes.ts';
import type { HuntDefinition } from '../definition/hunt-definition.ts';

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
