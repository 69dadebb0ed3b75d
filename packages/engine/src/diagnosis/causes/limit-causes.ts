import { duration, rounded, size } from '../amounts.ts';
import { type Cause, confidence, type Suspicion } from '../cause.ts';
import type { ProcessFacts } from '../process-facts.ts';
import { threadShares } from '../threads.ts';
import { partitionApart } from './partition-apart.ts';
import { refusalsWhileIdle } from './refusals-while-idle.ts';
import { isAdmitting, shedEvidence, sheds } from './shed-commands.ts';

/** Limits at which somebody is turned away. */
export const limitCauses: readonly Cause[] = [
  {
    id: 'small-buffer',
    title: 'A buffer is too small',
    looksLike:
      'Commands or questions are refused because a queue is full, while no thread is at work four fifths of the time: what empties the queue keeps up.',
    helps: 'A higher limit of the queue that is named, as far as memory allows.',
    effect: 'refuses',
    needs: ['hunt_gateway_commands_total'],
    explains: ['overload', 'brownout'],
    page: 'docs/runbooks/queue-full.md',
    *judge({ processes }) {
      for (const process of processes) {
        yield* fullGateway(process);
        yield* fullLog(process);
        yield* fullArchive(process);
      }
    },
  },
  {
    id: 'rate-limits',
    title: 'Requests are above the rate of a player or an address',
    looksLike: 'A twentieth of the commands that come is turned away for its rate, or more.',
    helps:
      'Higher rates where many play from one address, or machines play. Else they do what they are for.',
    effect: 'refuses',
    needs: ['hunt_gateway_rate_limited_requests_total'],
    explains: [],
    page: 'docs/runbooks/commands-failing.md',
    *judge({ processes }) {
      for (const process of processes) yield* limitedRates(process);
    },
  },
  {
    id: 'overload',
    title: 'More comes than can be decided',
    looksLike:
      'Admission lets in only as many commands as are decided in time, and turns others away.',
    helps: 'More capacity: cores, nodes, gateways. Admission keeps those quick who are let in.',
    effect: 'refuses',
    needs: ['hunt_gateway_commands_total'],
    explains: ['brownout'],
    page: 'docs/runbooks/capacity-near.md',
    *judge({ processes }) {
      for (const process of processes) {
        const { shed, share } = sheds(process);
        const sure = isAdmitting(process) ? confidence(share, 0.001, 0.1) : undefined;
        if (sure === undefined) continue;
        yield {
          ...{ confidence: sure, process, where: process.name },
          evidence: [
            shedEvidence(shed, share),
            {
              metric: 'hunt_gateway_admission_limit_commands',
              says: `admission lets in ${rounded(process.least('hunt_gateway_admission_limit_commands') ?? 0)} commands at once`,
            },
          ],
          helps:
            'Add capacity. To let in more, who all wait longer, raise gateway.admissionTargetMs.',
          settings: ['gateway.admissionTargetMs'],
        };
      }
    },
  },
  refusalsWhileIdle,
  partitionApart,
];

function keepsUp(process: ProcessFacts): boolean {
  return threadShares(process).every(({ thread, busy }) => thread === 'archiver' || busy < 0.8);
}

function* fullGateway(process: ProcessFacts): Iterable<Suspicion> {
  const { shed, share } = sheds(process);
  const sure = confidence(share, 0.001, 0.05);
  if (sure === undefined || isAdmitting(process) || !keepsUp(process)) return;
  const queue = 'gateway-inflight';
  const [entries = 0, mostEntries = Number.POSITIVE_INFINITY, bytes = 0, mostBytes = 1] = [
    process.peak('hunt_queue_entries', { queue }),
    process.most('hunt_queue_limit_entries', { queue }),
    process.peak('hunt_queue_bytes', { queue }),
    process.most('hunt_queue_limit_bytes', { queue }),
  ];
  const isByBytes = bytes / mostBytes > entries / mostEntries;
  const setting = isByBytes ? 'gateway.inflightMaxBytes' : 'gateway.inflightMaxCommands';
  const decisions = process.histogram('hunt_gateway_decision_seconds').quantile(0.5);
  yield {
    ...{ confidence: sure, process, where: `queue ${queue} of ${process.name}` },
    evidence: [
      shedEvidence(shed, share),
      isByBytes
        ? {
            metric: 'hunt_queue_limit_bytes',
            says: `${size(bytes)} were seen to wait, ${size(mostBytes)} may`,
          }
        : {
            metric: 'hunt_queue_limit_entries',
            says: `${rounded(entries)} commands were seen to wait, ${rounded(mostEntries)} may`,
          },
      ...(decisions === undefined
        ? []
        : [
            {
              metric: 'hunt_gateway_decision_seconds' as const,
              says: `half of the decisions take ${duration(decisions)} at most, and no thread is at its limit`,
            },
          ]),
    ],
    helps: `Raise ${setting}: those who are turned away could be decided.`,
    settings: [setting],
  };
}

function* fullLog(process: ProcessFacts): Iterable<Suspicion> {
  const id = 'veltrix-log-inflight-full';
  const refused = process.rate('hunt_gateway_errors_total', { id });
  if (refused === 0) return;
  const queue = 'log-inflight';
  const limit = process.most('hunt_queue_limit_bytes', { queue }) ?? 0;
  yield {
    ...{ confidence: 0.8, process, where: `queue ${queue} of ${process.name}` },
    evidence: [
      {
        metric: 'hunt_gateway_errors_total',
        says: `${rounded(refused)} requests a second end with ${id}`,
      },
      {
        metric: 'hunt_queue_limit_bytes',
        says: `${size(limit)} of a partition may wait to become durable`,
      },
    ],
    helps: 'Raise log.inflightMaxBytes, or send slower: the disk keeps up on average.',
    settings: ['log.inflightMaxBytes'],
  };
}

function* fullArchive(process: ProcessFacts): Iterable<Suspicion> {
  const id = 'engine-archive-busy';
  const refused = process.rate('hunt_gateway_errors_total', { id });
  if (refused === 0) return;
  const queue = 'archive-questions';
  const limit = process.most('hunt_queue_limit_entries', { queue }) ?? 0;
  yield {
    ...{ confidence: 0.8, process, where: `queue ${queue} of ${process.name}` },
    evidence: [
      {
        metric: 'hunt_gateway_errors_total',
        says: `${rounded(refused)} requests a second end with ${id}`,
      },
      { metric: 'hunt_queue_limit_entries', says: `${rounded(limit)} questions may wait` },
    ],
    helps: 'Raise archive.maxWaitingQueries, or ask the archive less.',
    settings: ['archive.maxWaitingQueries'],
  };
}

const rateSettings = {
  player: ['gateway.playerRatePerSecond', 'gateway.playerBurst'],
  join: ['gateway.joinRatePerSecond', 'gateway.joinBurst'],
} as const;

function* limitedRates(process: ProcessFacts): Iterable<Suspicion> {
  const commands = process.rate('hunt_gateway_commands_total', { result: 'sent' });
  for (const [of, settings] of Object.entries(rateSettings)) {
    const limited = process.rate('hunt_gateway_rate_limited_requests_total', { of });
    const sure = limited === 0 ? undefined : confidence(limited / (limited + commands), 0.05, 0.5);
    if (sure === undefined) continue;
    yield {
      ...{ confidence: sure, process, where: process.name },
      evidence: [
        {
          metric: 'hunt_gateway_rate_limited_requests_total',
          says: `${rounded(limited)} requests a second are above the rate of ${of === 'player' ? 'their player' : 'joins from their address'}, beside ${rounded(commands)} commands that are taken`,
        },
      ],
      helps: `Raise ${settings.join(' and ')} if these are players; leave them if somebody tries codes by machine.`,
      settings,
    };
  }
}
