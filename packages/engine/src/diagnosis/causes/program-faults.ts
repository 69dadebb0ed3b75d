import { rounded } from '../amounts.ts';
import type { Cause, Evidence, Suspicion } from '../cause.ts';
import type { ProcessFacts } from '../process-facts.ts';

const metric = 'hunt_processor_undone_decisions_total';

/** What is not done, as the program throws where it should decide. */
export const programFaults: Cause = {
  id: 'program-faults',
  title: 'The program faults at what it is asked for',
  looksLike:
    'The program threw an error where it should have decided a command or a message, while doctor looked; or it has done so at a timer, which is tried again every hour.',
  helps:
    'Another version of the program. Until then the line of the log that names the type says where it throws: report it.',
  effect: 'refuses',
  needs: [metric],
  explains: [],
  page: 'docs/runbooks/program-faults.md',
  *judge({ processes }) {
    for (const process of processes) yield* faultsOf(process);
  },
};

function* faultsOf(process: ProcessFacts): Iterable<Suspicion> {
  const undone = [...refused(process), ...setAgain(process)];
  if (undone.length === 0) return;
  const partitions = [...new Set(undone.map(({ partition }) => partition))];
  const isRefusing = undone.some(({ of }) => of !== 'timer');
  yield {
    // There is no doubt of it.
    confidence: 1,
    process,
    effect: isRefusing ? 'refuses' : 'slows',
    where: `${partitions.length === 1 ? 'partition' : 'partitions'} ${partitions.join(', ')} on ${process.name}`,
    evidence: [...undone.map(({ evidence }) => evidence), ...typesOf(process)],
    helps:
      'Look for "a fault of the program" in the log of the process: error.stack_trace says where it throws. Report that with the version; another version that can decide it is what helps. The same input faults in any process of this version.',
    settings: [],
  };
}

interface Undone {
  readonly partition: string;
  readonly of: string;
  readonly evidence: Evidence;
}

const told = {
  command: 'commands a second are not done, and answered with veltrix-decide-failed',
  message: 'messages of partitions a second are refused with rules-decide-failed',
} as const;

function refused(process: ProcessFacts): Undone[] {
  return Object.entries(told).flatMap(([of, what]) =>
    process
      .rates(metric, { of, reason: 'fault' })
      .filter(({ value }) => value > 0)
      .map(({ labels, value }) => {
        const partition = labels['partition']!;
        const says = `${rounded(value)} ${what}, on partition ${partition}`;
        return { partition, of, evidence: { metric, says } };
      }),
  );
}

/** A timer comes again after an hour only: what counts is whether there was any since the process began. */
function setAgain(process: ProcessFacts): Undone[] {
  return process
    .now(metric, { of: 'timer', reason: 'fault' })
    .filter(({ value }) => value > 0)
    .map(({ labels, value }) => {
      const partition = labels['partition']!;
      const says = `timers of partition ${partition} were set again ${value} times since the process began, each for an hour later`;
      return { partition, of: 'timer', evidence: { metric, says } };
    });
}

/** Since the process began, the most frequent first. */
function typesOf(process: ProcessFacts): Evidence[] {
  const types = process
    .now('hunt_processor_faulted_decisions_total')
    .filter(({ value }) => value > 0)
    .sort((one, other) => other.value - one.value);
  if (types.length === 0) return [];
  const named = types.map(({ labels, value }) => `${labels['type']} (${value})`);
  const says = `since the process began it faulted at ${named.join(', ')}`;
  return [{ metric: 'hunt_processor_faulted_decisions_total', says }];
}
