import type { Bench } from './bench.ts';
import { core } from './core.ts';

/** In the order of the table in docs/performance.md. */
export const benches: readonly Bench[] = [core];
