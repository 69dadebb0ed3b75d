export { allRules, ruleGroups } from './all-rules.ts';
export { preflightErrors } from './errors.ts';
export type { Finding, PreflightReport } from './judge.ts';
export type { Rule } from './rule.ts';
