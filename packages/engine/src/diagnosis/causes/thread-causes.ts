import { duration, percent, rounded, size } from '../amounts.ts';
import { type Cause, confidence, givingWay, type Suspicion, seenElsewhere } from '../cause.ts';
import type { ProcessFacts } from '../process-facts.ts';
import { idleCores, isFolding, type ThreadShare, threadShares } from '../threads.ts';

const busyFrom = 0.8;

/** The first line of `hunt` with a larger young generation: who starts Node by hand says all of it. */
const largerYoung =
  'MALLOC_ARENA_MAX=2 node --max-semi-space-size=64 --initial-old-space-size=48 --heap-growing-percent=50 …/packages/cli/bin/hunt.js serve';

/** What threads spend their time with, and that there are not enough cores for them. */
export const threadCauses: readonly Cause[] = [
  {
    id: 'gc-pressure',
    title: 'Memory is short: collections of garbage take the time',
    looksLike: 'A thread stands still for collections for a tenth of the time or more.',
    helps: `A larger young generation (\`${largerYoung}\`), more heap (NODE_OPTIONS=--max-old-space-size, in MiB), or fewer live connections in each process.`,
    effect: 'slows',
    needs: ['hunt_thread_gc_seconds_total'],
    explains: [
      ...['gateway-busy', 'processors-busy', 'hot-partition', 'too-few-partitions', 'cores-busy'],
      ...['overload', 'starved-consumer', 'slow-disk', 'small-buffer'],
      ...seenElsewhere,
    ],
    explainsElsewhere: seenElsewhere,
    page: 'docs/runbooks/decisions-slow.md',
    *judge({ processes }) {
      for (const process of processes) yield* collecting(process);
    },
  },
  {
    id: 'gateway-busy',
    title: 'The gateway’s thread is at work all the time',
    looksLike:
      'The thread main of a process with the role gateway is at work four fifths of the time or more.',
    helps:
      'More processes with the role gateway; senders that use batches; a longer gateway.liveIntervalMs where many watch.',
    effect: 'slows',
    needs: ['hunt_gateway_commands_total'],
    explains: ['overload', ...givingWay, 'slow-node'],
    explainsElsewhere: ['slow-node'],
    page: 'docs/runbooks/capacity-near.md',
    *judge({ processes }) {
      for (const process of processes) {
        if (!process.has('hunt_gateway_commands_total')) continue;
        const main = threadShares(process).find(({ thread }) => thread === 'main');
        const sure = confidence(main?.busy, busyFrom, 0.97);
        if (sure === undefined) continue;
        const live = process.most('hunt_gateway_live_connections') ?? 0;
        yield {
          ...{ confidence: sure, process, where: `thread main of ${process.name}` },
          evidence: [
            busyEvidence(main!),
            {
              metric: 'hunt_gateway_offered_commands_per_second',
              says: `${rounded(process.most('hunt_gateway_offered_commands_per_second') ?? 0)} commands a second come`,
            },
            { metric: 'hunt_gateway_live_connections', says: `${rounded(live)} live connections` },
          ],
          helps: `Add a process with the role gateway behind the load balancer, or send commands in batches.${live > 1_000 ? ' Raise gateway.liveIntervalMs: every push goes to everybody.' : ''}`,
          settings: live > 1_000 ? ['gateway.liveIntervalMs'] : [],
        };
      }
    },
  },
  {
    id: 'processors-busy',
    title: 'A thread that decides is at work all the time',
    looksLike: 'One of the threads processors-… is at work four fifths of the time or more.',
    helps:
      'More cores or nodes with the role processor; a higher processor.threads where that is below partitions and cores.',
    effect: 'slows',
    needs: ['hunt_processor_fold_seconds_total'],
    explains: ['slow-disk', 'overload', 'small-buffer', ...seenElsewhere],
    explainsElsewhere: seenElsewhere,
    page: 'docs/runbooks/capacity-near.md',
    *judge({ processes }) {
      for (const process of processes) yield* foldingAll(process);
    },
  },
  {
    id: 'cores-busy',
    title: 'The process uses all its cores',
    looksLike:
      'The processor time of a process is nine tenths of the cores that it may use, or more.',
    helps: 'More cores, or more machines.',
    effect: 'slows',
    needs: ['hunt_process_cpu_seconds_total'],
    explains: ['overload', 'gateway-busy', 'processors-busy', ...seenElsewhere],
    explainsElsewhere: seenElsewhere,
    page: 'docs/runbooks/capacity-near.md',
    *judge({ processes }) {
      for (const process of processes) {
        const cores = process.most('hunt_process_available_cores') ?? 0;
        const used = process.rate('hunt_process_cpu_seconds_total');
        const sure = cores === 0 ? undefined : confidence(used / cores, 0.9, 1);
        if (sure === undefined) continue;
        yield {
          ...{ confidence: sure, process, where: process.name },
          evidence: [
            {
              metric: 'hunt_process_cpu_seconds_total',
              says: `${rounded(used)} of ${rounded(cores)} cores are in use`,
            },
          ],
          helps: 'Give it more cores, or share the load out to more processes.',
          settings: [],
        };
      }
    },
  },
  {
    id: 'memory-near',
    title: 'Memory is nearly used up',
    looksLike: 'A process holds nine tenths of the memory that it may hold, or more.',
    helps: 'More memory, or lower limits of what waits.',
    effect: 'threatens',
    needs: ['hunt_process_resident_bytes'],
    explains: [],
    page: 'docs/runbooks/memory-near.md',
    *judge({ processes }) {
      for (const process of processes) {
        const [resident = 0, limit = Number.POSITIVE_INFINITY] = [
          process.most('hunt_process_resident_bytes'),
          process.most('hunt_process_memory_limit_bytes'),
        ];
        const sure = confidence(resident / limit, 0.9, 0.98);
        if (sure === undefined) continue;
        yield {
          ...{ confidence: sure, process, where: process.name },
          evidence: [
            {
              metric: 'hunt_process_resident_bytes',
              says: `${size(resident)} of ${size(limit)} are held`,
            },
          ],
          helps: 'Give it more memory, or fewer teams and connections for each process.',
          settings: ['gateway.connectionsMax'],
        };
      }
    },
  },
];

function busyEvidence({ thread, busy }: ThreadShare): Suspicion['evidence'][number] {
  return {
    metric: 'hunt_thread_active_seconds_total',
    says: `thread ${thread} was at work ${percent(busy)} of the time`,
  };
}

function* collecting(process: ProcessFacts): Iterable<Suspicion> {
  const [worst] = [...threadShares(process)].sort(
    (one, other) => other.collecting - one.collecting,
  );
  const sure = confidence(worst?.collecting, 0.1, 0.3);
  if (worst === undefined || sure === undefined) return;
  const { thread } = worst;
  const seconds = (kind: string) => process.rate('hunt_thread_gc_seconds_total', { thread, kind });
  const [minor, major] = [seconds('minor'), seconds('major')];
  const heap = process.most('hunt_thread_heap_bytes', { thread }) ?? 0;
  const limit = process.most('hunt_thread_heap_limit_bytes', { thread }) ?? 0;
  const delay = process.most('hunt_thread_delay_max_seconds', { thread }) ?? 0;
  const isYoung = minor > major && heap < limit * 0.8;
  yield {
    ...{ confidence: sure, process, where: `thread ${thread} of ${process.name}` },
    evidence: [
      {
        metric: 'hunt_thread_gc_seconds_total',
        says: `it stood still for collections ${percent(worst.collecting)} of the time (${percent(minor)} minor, ${percent(major)} major)`,
      },
      {
        metric: 'hunt_thread_gc_collections_total',
        says: `${rounded(process.rate('hunt_thread_gc_collections_total', { thread }))} collections a second`,
      },
      { metric: 'hunt_thread_heap_bytes', says: `${size(heap)} of ${size(limit)} of heap in use` },
      {
        metric: 'hunt_thread_delay_max_seconds',
        says: `its loop was late by up to ${duration(delay)}`,
      },
    ],
    helps: isYoung
      ? `Start it with a larger young generation: \`${largerYoung}\` (MiB; the first line of \`hunt\` says 16, and NODE_OPTIONS does not change that).`
      : 'Give it more heap: NODE_OPTIONS=--max-old-space-size, in MiB; or fewer live connections in each process.',
    settings: isYoung ? [] : ['gateway.liveConnectionsMax'],
  };
}

function* foldingAll(process: ProcessFacts): Iterable<Suspicion> {
  const folding = threadShares(process).filter(isFolding);
  const [busiest] = [...folding].sort((one, other) => other.busy - one.busy);
  const sure = confidence(busiest?.busy, busyFrom, 0.97);
  if (busiest === undefined || sure === undefined) return;
  const partitions = process.now('hunt_processor_fold_seconds_total').length;
  const idle = idleCores(process) ?? 0;
  const mayHaveMore = folding.length < partitions && idle >= 1;
  yield {
    ...{ confidence: sure, process, where: `thread ${busiest.thread} of ${process.name}` },
    evidence: [
      busyEvidence(busiest),
      {
        metric: 'hunt_processor_fold_seconds_total',
        says: `${folding.length} threads decide for ${partitions} partitions`,
      },
      { metric: 'hunt_process_cpu_seconds_total', says: `${rounded(idle)} cores are idle` },
    ],
    helps: mayHaveMore
      ? 'Raise processor.threads: there are more partitions and idle cores.'
      : 'Give it more cores, or add nodes with the role processor.',
    settings: mayHaveMore ? ['processor.threads'] : [],
  };
}
