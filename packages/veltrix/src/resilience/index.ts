export { Brownout, type BrownoutSettings } from './brownout.ts';
export { Bulkhead, type BulkheadOptions, type BulkheadSettings, type Passage } from './bulkhead.ts';
export { currentDeadline, Deadline, withDeadline } from './deadline.ts';
export { Hedge, type HedgeSettings } from './hedge.ts';
export { RetryBudget, type RetryBudgetSettings } from './retry-budget.ts';
