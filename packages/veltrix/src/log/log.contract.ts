import { afterEach, beforeEach, suite, test } from 'node:test';
import { appending } from './log-contract/appending.contract.ts';
import { limits } from './log-contract/limits.contract.ts';
import type { LogHarness, LogPromises } from './log-contract/log-harness.contract.ts';
import { opening } from './log-contract/opening.contract.ts';
import { reading } from './log-contract/reading.contract.ts';

const promises: LogPromises = { ...opening, ...appending, ...reading, ...limits };

export interface LogContractOptions {
  /** Declared differences: the name of a test and why it does not hold for this adapter. */
  readonly skip?: readonly { readonly test: string; readonly reason: string }[];
}

/** The promises of the `Log` port, for every adapter. */
export function testLogContract(
  name: string,
  newHarness: () => LogHarness,
  { skip = [] }: LogContractOptions = {},
): void {
  suite(`log contract: ${name}`, () => {
    let harness: LogHarness;
    beforeEach(() => {
      harness = newHarness();
    });
    afterEach(() => harness.dispose());
    for (const [title, body] of Object.entries(promises)) {
      const reason = skip.find((difference) => difference.test === title)?.reason;
      test(title, reason ? { skip: reason } : {}, () => body(harness));
    }
  });
}
