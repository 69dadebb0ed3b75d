import type { PreflightReport } from '@hunt/engine/preflight';
import { type ExitCode, exitCode } from '../exit-code.ts';

/** What refuses weighs most; what is not known is not well. */
export function preflightExitCode({
  findings,
  unasked,
}: Pick<PreflightReport, 'findings' | 'unasked'>): ExitCode {
  if (findings.some(({ severity }) => severity === 'refuses')) return exitCode.foundWrong;
  if (unasked.length > 0) return exitCode.unreachable;
  return findings.length > 0 ? exitCode.warnings : exitCode.ok;
}
