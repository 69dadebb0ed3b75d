import type { ProcessFacts } from './process-facts.ts';

/**
 * How near the load of a gateway is to what it can decide: as admission measures it while it limits, else by the busiest
 * thread. What admission measured once in a slow moment says nothing of now. Undefined where nobody tells.
 */
export function kneeOf(process: ProcessFacts): number | undefined {
  const limit = process.most('hunt_gateway_admission_limit_commands') ?? Number.POSITIVE_INFINITY;
  const source = limit < Number.POSITIVE_INFINITY ? 'admission' : 'utilisation';
  return process.most('hunt_gateway_knee_ratio', { source });
}
