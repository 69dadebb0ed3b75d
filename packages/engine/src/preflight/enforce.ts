import type { Logger } from 'pino';
import type { PreflightReport } from './judge.ts';
import type { Rule } from './rule.ts';

/** Of the rules those that nothing else of a start finds out and tells. */
export function startRules(rules: readonly Rule[]): readonly Rule[] {
  return rules.filter(({ atStart }) => atStart === undefined);
}

/**
 * Writes to the log what was found and what could not be asked. Rejects with the first rule that refuses, by its id: see
 * `preflightErrors`, which is loaded only then.
 */
export async function enforce(report: PreflightReport, logger: Logger): Promise<void> {
  for (const { what, reason, rules } of report.unasked) {
    logger.warn({ what, reason, rules: rules.length }, 'preflight could not ask');
  }
  const refusals = report.findings.filter(({ severity }) => severity === 'refuses');
  for (const { id, severity, values, change, others } of report.findings) {
    const level = severity === 'refuses' ? 'error' : 'warn';
    logger[level]({ id, values, change, ...(others > 0 && { others }) }, 'preflight');
  }
  const [first] = refusals;
  if (first === undefined) return;
  const { preflightErrors, findingDetails } = await import('./errors.ts');
  throw preflightErrors.create(first.id, findingDetails(first));
}
