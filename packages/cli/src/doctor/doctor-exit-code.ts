import type { Diagnosis } from '@hunt/engine/diagnosis';
import { type ExitCode, exitCode } from '../exit-code.ts';

/** What limits weighs most; what is not known is not well. */
export function doctorExitCode({ limit, unread }: Pick<Diagnosis, 'limit' | 'unread'>): ExitCode {
  if (limit !== null && limit.effect !== 'threatens') return exitCode.foundWrong;
  if (unread.length > 0) return exitCode.unreachable;
  return limit === null ? exitCode.ok : exitCode.warnings;
}
