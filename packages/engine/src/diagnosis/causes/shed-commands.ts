import { percent, rounded } from '../amounts.ts';
import type { Evidence } from '../cause.ts';
import type { ProcessFacts } from '../process-facts.ts';

/** Commands that a gateway turned away: a second, and as a share of those that came. */
export interface Shed {
  readonly shed: number;
  readonly share: number;
}

/** Those that were turned away whichever their partition. */
export function sheds(process: ProcessFacts): Shed {
  const apart = shedByPartition(process).reduce((sum, { shed }) => sum + shed, 0);
  const all = process.rate('hunt_gateway_commands_total', { result: 'shed' });
  return shareOf(process, Math.max(0, all - apart));
}

/** Those that were turned away because of their partition alone, most first. */
export function shedByPartition(
  process: ProcessFacts,
): readonly (Shed & { readonly partition: string })[] {
  return process
    .rates('hunt_gateway_partition_shed_commands_total')
    .map(({ labels, value }) => ({ partition: labels['partition']!, ...shareOf(process, value) }))
    .sort((one, other) => other.shed - one.shed);
}

function shareOf(process: ProcessFacts, shed: number): Shed {
  const all = process.rate('hunt_gateway_commands_total', { result: 'shed' });
  const sent = process.rate('hunt_gateway_commands_total', { result: 'sent' });
  return { shed, share: shed === 0 ? 0 : shed / (all + sent) };
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
