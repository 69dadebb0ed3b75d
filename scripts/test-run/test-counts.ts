/** What one test came to. A suite is not a test; only its skip or its failed hook is reported. */
export interface TestOutcome {
  /** Names of the suites around it and its own, joined by ` > `. */
  readonly name: string;
  /** File relative to the root, with the line where known. */
  readonly at: string;
  readonly result: 'passed' | 'failed' | 'skipped';
  /** Why it failed or was skipped; empty for a skip that gives no reason. */
  readonly reason: string;
}

/** A skip whose reason starts so lacks a tool that CI has to have. */
const missingToolPrefix = 'needs:';

export interface TestCounts {
  passed: number;
  failed: number;
  skipped: number;
}

/**
 * Judges one outcome by the house rules: a skip must give its reason, and where `ci` is set a
 * skip for want of a system tool is a failure, because nobody would see that it never ran.
 */
export function judgeOutcome(outcome: TestOutcome, ci: boolean): TestOutcome {
  if (outcome.result !== 'skipped') return outcome;
  if (outcome.reason === '') {
    return { ...outcome, result: 'failed', reason: 'skipped without a reason: say why in `skip`' };
  }
  if (ci && outcome.reason.startsWith(missingToolPrefix)) {
    return {
      ...outcome,
      result: 'failed',
      reason: `skipped in CI (${outcome.reason}): add the tool to scripts/system-packages.ts`,
    };
  }
  return outcome;
}

export function countOutcomes(outcomes: readonly TestOutcome[]): TestCounts {
  const counts: TestCounts = { passed: 0, failed: 0, skipped: 0 };
  for (const outcome of outcomes) counts[outcome.result] += 1;
  return counts;
}

/** The closing line of a run: `N passed, N failed`, and `, N skipped` if there were any. */
export function closingLine(counts: TestCounts): string {
  const skipped = counts.skipped > 0 ? `, ${counts.skipped} skipped` : '';
  return `${counts.passed} passed, ${counts.failed} failed${skipped}`;
}
