export { allCauses, causeGroups } from './all-causes.ts';
export { duration, percent, rounded, size } from './amounts.ts';
export type { Cause, Effect } from './cause.ts';
export { type Diagnosis, diagnose, type Finding } from './diagnose.ts';
export { kneeOf } from './knee.ts';
export type { Look } from './process-facts.ts';
export { ProcessFacts } from './process-facts.ts';
export { threadShares } from './threads.ts';
export { lookAt, type Unread, type WatchedProcess, watchProcesses } from './watch-processes.ts';
