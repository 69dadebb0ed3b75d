import { CommandRecordReader } from 'veltrix';
import type { Checker } from 'veltrix/simulator';

/** A shared log may have a record more than once: shows checkers what was decided for it the first time. */
export function firstDecisions(checkers: readonly Checker[]): Checker {
  const reader = new CommandRecordReader();
  const seen = new Set<string>();
  return {
    name: 'first-decisions',
    decided(partition, offset, events, commands) {
      reader.open(commands);
      const record = `${partition} ${reader.origin} ${reader.originBatch}`;
      if (seen.has(record)) return;
      seen.add(record);
      for (const checker of checkers) checker.decided?.(partition, offset, events, commands);
    },
  };
}
