import { duration, percent, rounded } from '../amounts.ts';
import {
  type Cause,
  confidence,
  type DeploymentFacts,
  type Evidence,
  type Suspicion,
} from '../cause.ts';
import type { ProcessFacts } from '../process-facts.ts';
import { idleCores, isFolding, type ThreadShare, threadShares } from '../threads.ts';
import { allPartitions, ownedPartitions } from './partition-owners.ts';
import { isAlwaysAdmitting, shedEvidence, sheds } from './shed-commands.ts';

/** Share of its time that a thread may be at work and still has time for those who are turned away. */
const idleMost = 0.6;
/** Of the cores of the gateway's process, what may be used. */
const coresMost = 0.8;

/** What decision 12 names as the sign that admission is wrong. */
export const refusalsWhileIdle: Cause = {
  id: 'refusals-while-idle',
  title: 'Commands are turned away while nobody is busy',
  looksLike:
    'Admission turns away a hundredth of the commands or more, all the time, while no thread of the gateway and none that decides is at work six tenths of the time.',
  helps:
    'Mend what commands wait for: it is neither the gateway nor the processors. Where that cannot be mended, a higher gateway.admissionTargetMs lets more in, who wait as long as those who are let in now.',
  effect: 'refuses',
  needs: ['hunt_gateway_commands_total'],
  explains: ['overload', 'brownout'],
  page: 'docs/runbooks/refusals-while-idle.md',
  *judge(facts) {
    for (const process of facts.processes) yield* idleRefusals(process, facts);
  },
};

function* idleRefusals(process: ProcessFacts, facts: DeploymentFacts): Iterable<Suspicion> {
  const { shed, share } = sheds(process);
  const isRefusing = confidence(share, 0.01, 0.2);
  if (isRefusing === undefined || !isAlwaysAdmitting(process)) return;
  const busiest = busiestOf(process, facts);
  if (busiest === undefined || coresUsed(process) > coresMost) return;
  const isIdle = confidence(-busiest.busy, -idleMost, -0.2);
  if (isIdle === undefined) return;
  yield {
    ...{ confidence: Math.min(isRefusing, isIdle), process, where: process.name },
    evidence: [
      shedEvidence(shed, share),
      {
        metric: 'hunt_gateway_admission_limit_commands',
        says: `admission lets in ${rounded(process.least('hunt_gateway_admission_limit_commands')!)} commands at once`,
      },
      {
        metric: 'hunt_thread_active_seconds_total',
        says: `no thread that they wait for was at work more than ${percent(busiest.busy)} of the time (${busiest.thread})`,
      },
      ...waits(process),
    ],
    helps:
      'See what commands wait for: the log, other nodes, the network. Raise gateway.admissionTargetMs above what a command takes there: turning players away makes nobody’s wait shorter.',
    settings: ['gateway.admissionTargetMs'],
  };
}

/**
 * Of the threads that a command of this gateway needs; undefined when not all of those that decide are known. Which
 * processors it needs depends on the teams, so all count.
 */
function busiestOf(process: ProcessFacts, { processes }: DeploymentFacts): ThreadShare | undefined {
  const own = threadShares(process).filter((one) => one.thread === 'main');
  const folding = processes.flatMap((one) => threadShares(one).filter(isFolding));
  // Of a cluster perhaps only some nodes were named, or answered: those who own the other partitions may be busy.
  const areKnown = ownedPartitions(processes, 'least') >= allPartitions(processes);
  if (own.length === 0 || folding.length === 0 || !areKnown) return undefined;
  return [...own, ...folding].sort((one, other) => other.busy - one.busy)[0];
}

/** Of the gateway's process; 0 where it does not tell. */
function coresUsed(process: ProcessFacts): number {
  const cores = process.most('hunt_process_available_cores') ?? 0;
  return cores === 0 ? 0 : 1 - (idleCores(process) ?? cores) / cores;
}

/** What is known of the time that commands take, and of the part of it that the log has. */
function waits(process: ProcessFacts): readonly Evidence[] {
  const decisions = process.histogram('hunt_gateway_decision_seconds').quantile(0.5);
  const syncs = process.histogram('hunt_processor_log_sync_seconds').mean;
  const evidence: Evidence[] = [];
  if (decisions !== undefined) {
    evidence.push({
      metric: 'hunt_gateway_decision_seconds',
      says: `half of the decisions take ${duration(decisions)} at most`,
    });
  }
  if (syncs !== undefined) {
    evidence.push({
      metric: 'hunt_processor_log_sync_seconds',
      says: `making the log durable takes ${duration(syncs)} of that on average`,
    });
  }
  return evidence;
}
