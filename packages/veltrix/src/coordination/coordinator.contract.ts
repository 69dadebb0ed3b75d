import { afterEach, beforeEach, suite, test } from 'node:test';
import type {
  CoordinatorHarness,
  CoordinatorPromises,
} from './coordinator-contract/coordinator-harness.contract.ts';
import { leading } from './coordinator-contract/leading.contract.ts';
import { membership } from './coordinator-contract/membership.contract.ts';
import { tampering } from './coordinator-contract/tampering.contract.ts';

const promises: CoordinatorPromises = { ...membership, ...leading, ...tampering };

/** The promises of the `Coordinator` port, for every adapter. */
export function testCoordinatorContract(name: string, newHarness: () => CoordinatorHarness): void {
  suite(`coordinator contract: ${name}`, () => {
    let harness: CoordinatorHarness;
    beforeEach(() => {
      harness = newHarness();
    });
    afterEach(() => harness.dispose());
    for (const [title, body] of Object.entries(promises)) test(title, () => body(harness));
  });
}
