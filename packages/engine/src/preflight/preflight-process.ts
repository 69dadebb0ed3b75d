import type { SettingsSource } from '../engine-settings.ts';
import { embeddedRules } from './embedded-rules.ts';
import { judge, type PreflightReport } from './judge.ts';
import { directoryFacts, machineFacts } from './probes/machine-probe.ts';
import { settingFacts } from './probes/settings-probe.ts';
import type { Rule } from './rule.ts';

export interface ProcessPreflightOptions {
  readonly settings: Pick<SettingsSource, 'values' | 'placeOf'>;
  /** Data directory; need not be there. */
  readonly directory: string;
  /** Of a new directory. */
  readonly partitions?: number | undefined;
  readonly dedupeWindow?: number | undefined;
}

/** One process with its data directory on this machine. Reads a few files and nothing else. */
export function preflightProcess(
  { settings, directory, ...asked }: ProcessPreflightOptions,
  rules: readonly Rule[] = embeddedRules,
): PreflightReport {
  return judge(rules, {
    ...settingFacts(settings),
    ...machineFacts(),
    ...directoryFacts(directory, asked),
  });
}
