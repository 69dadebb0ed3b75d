import assert from 'node:assert/strict';
import axe, { type AxeResults } from 'axe-core';
import type { Page } from 'playwright-core';

const guidelines = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'];

/** Breaches of WCAG 2.2 A and AA, contrast included, with where they are. */
export async function breaches(page: Page): Promise<string[]> {
  // Evaluated by the debugger, so that the pages' security policy stays as it is.
  await page.evaluate(axe.source);
  // What still fades in has the contrast of a moment.
  await page.evaluate(
    'Promise.allSettled(document.getAnimations().map(({ finished }) => finished)).then(() => {})',
  );
  const found = await page.evaluate(`axe.run({ runOnly: ${JSON.stringify(guidelines)} })`);
  const { violations, passes } = found as AxeResults;
  assert.ok(passes.length > 5, 'the rules were run');
  return violations.flatMap(({ id, nodes }) =>
    nodes.map(({ target, failureSummary }) => `${id} at ${target}: ${failureSummary}`),
  );
}
