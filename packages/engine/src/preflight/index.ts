export { allRules, ruleGroups } from './all-rules.ts';
export { preflightErrors } from './errors.ts';
export type { Finding, PreflightReport } from './judge.ts';
export { type ClusterPreflightOptions, preflightCluster } from './preflight-cluster.ts';
export { type ProcessPreflightOptions, preflightProcess } from './preflight-process.ts';
export type { Rule } from './rule.ts';
