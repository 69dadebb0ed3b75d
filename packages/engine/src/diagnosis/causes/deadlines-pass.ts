import { percent, rounded } from '../amounts.ts';
import { type Cause, confidence, type Evidence, type Suspicion } from '../cause.ts';
import type { ProcessFacts } from '../process-facts.ts';

export const deadlinesPass: Cause = {
  id: 'deadlines-pass',
  title: 'Those who ask have given up before their turn comes',
  looksLike:
    'A hundredth of the requests is not begun, not answered or taken back, because its time is over, or more.',
  helps:
    'Mend what they wait for; where commands are taken back, that is the log or a processor. Where nothing is slow here, the players’ lines are, or clients give up too soon.',
  effect: 'refuses',
  needs: ['hunt_gateway_late_requests_total'],
  explains: [],
  page: 'docs/runbooks/deadlines-pass.md',
  *judge({ processes }) {
    for (const process of processes) yield* lateRequests(process);
  },
};

/** Requests of a process that came to nothing because nobody waited for them any more, and all that came: a second. */
interface Late {
  readonly late: number;
  /** The kind that most of those are of, and how many. */
  readonly most: { readonly of: string; readonly late: number } | undefined;
  /** Commands that were handed over and taken back. Joins of these are late, too. */
  readonly withdrawn: number;
  readonly all: number;
}

function* lateRequests(process: ProcessFacts): Iterable<Suspicion> {
  const seen = lateOf(process);
  const lost = seen.late + seen.withdrawn;
  const sure = lost === 0 ? undefined : confidence(lost / seen.all, 0.01, 0.1);
  if (sure === undefined) return;
  yield {
    ...{ confidence: sure, process, where: process.name },
    evidence: evidenceOf(seen),
    helps: `${helpsAgainst(seen)} A longer gateway.deadlineMaxMs helps where clients say nothing of their own.`,
    settings: ['gateway.deadlineMaxMs'],
  };
}

function lateOf(process: ProcessFacts): Late {
  const kinds = process
    .rates('hunt_gateway_late_requests_total')
    .filter(({ value }) => value > 0)
    .sort((one, other) => other.value - one.value);
  const late = kinds.reduce((sum, { value }) => sum + value, 0);
  const rate = (result: string) => process.rate('hunt_gateway_commands_total', { result });
  const [most] = kinds;
  return {
    late,
    most: most && { of: most.labels['of']!, late: most.value },
    withdrawn: rate('withdrawn'),
    all: late + rate('sent') + rate('shed') + process.rate('hunt_gateway_read_requests_total'),
  };
}

function evidenceOf({ late, most, withdrawn, all }: Late): Evidence[] {
  const evidence: Evidence[] = [];
  if (most !== undefined) {
    const says = `${rounded(late)} requests a second come too late to be of use, ${percent(late / all)} of all; most are of the kind ${most.of}`;
    evidence.push({ metric: 'hunt_gateway_late_requests_total', says });
  }
  if (withdrawn > 0) {
    const says = `${rounded(withdrawn)} commands a second are taken back unbegun, since nobody waits for them any more`;
    evidence.push({ metric: 'hunt_gateway_commands_total', says });
  }
  return evidence;
}

function helpsAgainst({ most, withdrawn }: Late): string {
  if (most === undefined || withdrawn >= most.late) {
    return 'Commands wait for the log or for a processor’s thread until nobody waits for them: see whether Kafka answers, then which queue has the oldest.';
  }
  return most.of === 'command' || most.of === 'batch'
    ? 'Commands are handed over as soon as they are read: where no thread is late, the lines of those who send are slow, or they give up too soon.'
    : 'See what they wait for: who people are (joins), Redis or other nodes (reads).';
}
