import type { Rule } from './rule.ts';
import { machineRules } from './rules/machine-rules.ts';
import { settingsRules } from './rules/settings-rules.ts';

/** Those that need no server: every start judges them. */
export const embeddedRules: readonly Rule[] = [...settingsRules, ...machineRules];
