import { afterEach, beforeEach, suite, test } from 'node:test';
import { appending } from './shared-log-contract/appending.contract.ts';
import { following } from './shared-log-contract/following.contract.ts';
import { opening } from './shared-log-contract/opening.contract.ts';
import { outages } from './shared-log-contract/outages.contract.ts';
import { retaining } from './shared-log-contract/retaining.contract.ts';
import type {
  SharedLogFixture,
  SharedLogPromises,
} from './shared-log-contract/shared-log-fixture.contract.ts';

const promises: SharedLogPromises = {
  ...opening,
  ...appending,
  ...following,
  ...retaining,
  ...outages,
};

export interface SharedLogContractOptions {
  /** Declared differences: the name of a test and why it does not hold for this adapter. */
  readonly skip?: readonly { readonly test: string; readonly reason: string }[];
}

/** The promises of the `SharedLog` port, for every adapter. */
export function testSharedLogContract(
  name: string,
  newFixture: () => SharedLogFixture | Promise<SharedLogFixture>,
  { skip = [] }: SharedLogContractOptions = {},
): void {
  suite(`shared log contract: ${name}`, () => {
    let fixture: SharedLogFixture;
    beforeEach(async () => {
      fixture = await newFixture();
    });
    afterEach(() => fixture.dispose());
    for (const [title, body] of Object.entries(promises)) {
      const reason = skip.find((difference) => difference.test === title)?.reason;
      test(title, reason ? { skip: reason } : {}, () => body(fixture));
    }
  });
}
