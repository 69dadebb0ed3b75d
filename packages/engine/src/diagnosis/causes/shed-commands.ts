import { percent, rounded } from '../amounts.ts';
import type { Evidence } from '../cause.ts';
import type { ProcessFacts } from '../process-facts.ts';

/** Commands that a gateway turned away: a second, and as a share of those that came. */
export function sheds(process: ProcessFacts): { readonly shed: number; readonly share: number } {
  const shed = process.rate('hunt_gateway_commands_total', { result: 'shed' });
  const sent = process.rate('hunt_gateway_commands_total', { result: 'sent' });
  return { shed, share: shed === 0 ? 0 : shed / (shed + sent) };
}

export function shedEvidence(shed: number, share: number): Evidence {
  return {
    metric: 'hunt_gateway_commands_total',
    says: `${rounded(shed)} commands a second are turned away, ${percent(share)} of those that come`,
  };
}

/** Whether admission had a limit at any look, and one that is reached before that of the buffer. */
export function isAdmitting(process: ProcessFacts): boolean {
  const limit = process.least('hunt_gateway_admission_limit_commands');
  return (limit ?? Number.POSITIVE_INFINITY) < bufferOf(process);
}

/** Whether it had one at every look: not for a slow moment, nor for a probe only. */
export function isAlwaysAdmitting(process: ProcessFacts): boolean {
  const limit = process.peak('hunt_gateway_admission_limit_commands');
  return (limit ?? Number.POSITIVE_INFINITY) < bufferOf(process);
}

function bufferOf(process: ProcessFacts): number {
  const queue = { queue: 'gateway-inflight' };
  return process.most('hunt_queue_limit_entries', queue) ?? Number.POSITIVE_INFINITY;
}
