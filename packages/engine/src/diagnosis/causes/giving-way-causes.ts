import { percent, rounded } from '../amounts.ts';
import { type Cause, confidence, type Evidence, type Suspicion } from '../cause.ts';
import type { ProcessFacts } from '../process-facts.ts';
import { brownout, servedReads } from './brownout.ts';
import { deadlinesPass } from './deadlines-pass.ts';

/** What the engine gives up by itself, so that the rest stays up; something else is mostly behind it. */
export const givingWayCauses: readonly Cause[] = [
  brownout,
  {
    id: 'reads-full',
    title: 'More reads are asked for than may be answered at once',
    looksLike:
      'A hundredth of the reads is turned away, or more, because gateway.readsMax are being answered already.',
    helps:
      'Mend what makes reads slow: the other findings say what. Where nothing is slow, a higher gateway.readsMax, or more gateways.',
    effect: 'refuses',
    needs: ['hunt_gateway_read_requests_total'],
    explains: [],
    page: 'docs/runbooks/reads-refused.md',
    *judge({ processes }) {
      for (const process of processes) yield* fullReads(process);
    },
  },
  deadlinesPass,
  {
    id: 'slow-node',
    title: 'Another node answers slowly, or not at all',
    looksLike:
      'A node leaves another one alone, turns away calls to it, or spares the owners of partitions further questions.',
    helps:
      'See with hunt cluster status whether that node runs, and what its own findings are. Reads are answered by the other copy meanwhile.',
    effect: 'slows',
    // One process alone has no others: that it does not show them leaves nothing open.
    needs: [],
    explains: ['reads-full', 'deadlines-pass'],
    page: 'docs/runbooks/nodes-slow.md',
    *judge({ processes }) {
      for (const process of processes) yield* slowNodes(process);
    },
  },
  {
    id: 'slow-redis',
    title: 'Redis answers more slowly than it is asked',
    looksLike:
      'Reads of Redis are not made because as many as its limit are under way: what was read before is shown.',
    helps:
      'See Redis’ own figures: its core, its memory, its network. A higher views.readsMax helps only where it is idle.',
    effect: 'ages',
    needs: [],
    explains: ['reads-full', 'deadlines-pass'],
    page: 'docs/runbooks/nodes-slow.md',
    *judge({ processes }) {
      for (const process of processes) yield* slowRedis(process);
    },
  },
];

function* fullReads(process: ProcessFacts): Iterable<Suspicion> {
  const full = process.rate('hunt_gateway_read_requests_total', { result: 'full' });
  const all = process.rate('hunt_gateway_read_requests_total');
  const sure = full === 0 ? undefined : confidence(full / all, 0.01, 0.1);
  if (sure === undefined) return;
  yield {
    ...{ confidence: sure, process, where: process.name },
    evidence: [
      {
        metric: 'hunt_gateway_read_requests_total',
        says: `${rounded(full)} reads a second are turned away, ${percent(full / all)} of those that come`,
      },
      {
        metric: 'hunt_gateway_read_inflight_requests',
        says: `${rounded(process.peak('hunt_gateway_read_inflight_requests') ?? 0)} were seen to be answered at once`,
      },
      ...servedReads(process),
    ],
    helps:
      'Mend what makes reads slow, if another finding says so. Else raise gateway.readsMax, or add a process with the role gateway.',
    settings: ['gateway.readsMax'],
  };
}

function* slowNodes(process: ProcessFacts): Iterable<Suspicion> {
  const ejected = process.most('hunt_peer_ejected_nodes') ?? 0;
  const refused = process.rate('hunt_peer_refused_requests_total');
  const withheld = process.rate('hunt_peer_retries_requests_total', { result: 'withheld' });
  if (ejected === 0 && refused === 0 && withheld === 0) return;
  const evidence: Evidence[] = [];
  if (ejected > 0) {
    const metric = 'hunt_peer_ejected_nodes';
    const says = `${rounded(ejected)} ${ejected === 1 ? 'node is' : 'nodes are'} not asked: they failed, or are much slower than others`;
    evidence.push({ metric, says });
  }
  if (refused > 0) {
    const says = `${rounded(refused)} calls a second are not made, since too many wait for that node already`;
    evidence.push({ metric: 'hunt_peer_refused_requests_total', says });
    const limit = process.least('hunt_peer_limit_requests');
    if (limit !== undefined) {
      const most = `the node that answers most slowly is asked ${rounded(limit)} things of a kind at once`;
      evidence.push({ metric: 'hunt_peer_limit_requests', says: most });
    }
  }
  if (withheld > 0) {
    const says = `${rounded(withheld)} questions a second to owners of partitions wait before they are asked again`;
    evidence.push({ metric: 'hunt_peer_retries_requests_total', says });
  }
  yield {
    ...{ confidence: ejected > 0 ? 1 : 0.7, process, where: `as ${process.name} sees it` },
    evidence,
    helps:
      'See with hunt cluster status which node that is and whether it can be reached from there; look at its threads. Raise peers.inflightMax only where all nodes have time.',
    settings: refused > 0 ? ['peers.inflightMax', 'peers.waitingMax'] : [],
  };
}

function* slowRedis(process: ProcessFacts): Iterable<Suspicion> {
  const refused = process.rate('hunt_views_refused_reads_requests_total');
  if (refused === 0) return;
  const limit = process.least('hunt_views_read_limit_requests');
  yield {
    ...{ confidence: 0.8, process, where: `Redis, as ${process.name} sees it` },
    evidence: [
      {
        metric: 'hunt_views_refused_reads_requests_total',
        says: `${rounded(refused)} reads a second are not made: what was read before is shown`,
      },
      ...(limit === undefined
        ? []
        : [
            {
              metric: 'hunt_views_read_limit_requests' as const,
              says: `${rounded(limit)} reads at once is what Redis still answers in time`,
            },
          ]),
    ],
    helps:
      'See whether the core of Redis is busy, or the network between; raise views.readsMax only where neither is.',
    settings: ['views.readsMax'],
  };
}
