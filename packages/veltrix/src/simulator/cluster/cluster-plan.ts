import type { Stream } from '../../log/log.ts';
import type { SharedLogFaults } from '../../log/simulated/simulated-log-cluster.ts';
import type { OutboxLimits } from '../../processor/outbox-sender.ts';
import { SeededRandom } from '../seeded-random.ts';
import type { NetworkFaults } from '../simulated-network.ts';

interface NodeFault {
  readonly at: number;
  readonly node: number;
}

export type ClusterFault =
  | (NodeFault & { readonly kind: 'kill'; readonly downMs: number })
  /** Stopped and woken; often for longer than its session. */
  | (NodeFault & { readonly kind: 'freeze'; readonly forMs: number })
  /** What the node sends, what it is sent, or both, is lost on the way to the log or the coordinator. */
  | (NodeFault & {
      readonly kind: 'cut';
      readonly forMs: number;
      readonly from: 'log' | 'coordinator' | 'everything';
      readonly way: 'out' | 'in' | 'both';
    })
  | (NodeFault & { readonly kind: 'clock-jump'; readonly byMs: number })
  | (NodeFault & { readonly kind: 'checkpoint' })
  /** The node, and another one, are told for a while that they own a partition that was given to a third. */
  | (NodeFault & {
      readonly kind: 'two-owners';
      readonly other: number;
      readonly partition: number;
      readonly forMs: number;
      /** Above the epoch of the third. */
      readonly epochsAbove: number;
    })
  | { readonly kind: 'rolling-restart'; readonly at: number; readonly everyMs: number }
  | { readonly kind: 'move'; readonly at: number; readonly partition: number }
  | {
      readonly kind: 'leader-lost';
      readonly at: number;
      readonly partition: number;
      readonly stream: Stream;
      readonly electionMs: number;
    }
  | {
      readonly kind: 'log-down';
      readonly at: number;
      readonly partition: number;
      readonly stream: Stream;
      readonly to: 'read-only' | 'none';
      readonly forMs: number;
    };

export interface CoordinatorFaults {
  /** Requests, answers and notices, each. */
  readonly lostChance: number;
  readonly delayMaxMs: number;
  readonly noticeLostChance: number;
  readonly noticeDelayMaxMs: number;
}

export const calmCoordinator: CoordinatorFaults = {
  lostChance: 0,
  delayMaxMs: 1,
  noticeLostChance: 0,
  noticeDelayMaxMs: 1,
};

/** Everything about a cluster's world that its seed decides before anything happens. */
export interface ClusterPlan {
  readonly seed: number;
  /** Faults stop and healing begins then; simulated milliseconds. */
  readonly durationMs: number;
  readonly nodeCount: number;
  readonly partitionCount: number;
  readonly gatewayCount: number;
  readonly dedupeWindow: number;
  readonly sessionMs: number;
  readonly handOverMs: number;
  readonly checkpointEveryDecisions: number;
  readonly checkpointFailChance: number;
  readonly pendingMaxBytes: number;
  readonly resendDelayMs: number;
  /** Smaller than a world's messages are many; the owner's own when undefined. */
  readonly outboxLimits: OutboxLimits | undefined;
  readonly appendTimeoutMs: number;
  readonly requestTimeoutMs: number;
  readonly network: NetworkFaults;
  readonly log: SharedLogFaults;
  readonly coordinator: CoordinatorFaults;
  /** Sorted by time. */
  readonly faults: readonly ClusterFault[];
}

/** Small clusters mostly: what goes wrong goes wrong between few nodes. */
const nodeCounts = [1, 2, 2, 3, 3, 3, 4, 4, 5, 5, 6, 8, 8, 12, 16, 24, 32, 64];

export function drawClusterPlan(seed: number): ClusterPlan {
  const random = new SeededRandom(seed, 21);
  const durationMs = random.between(600, 2_000);
  const nodeCount = random.pick(nodeCounts);
  const partitionCount = random.pick([1, 1, 2, 2, 3, 4]);
  const stormy = random.chance(0.7);
  const some = (most: number) => (stormy ? random.next() * most : 0);
  const sessionMs = random.pick([100, 200, 400]);
  return {
    ...{ seed, durationMs, nodeCount, partitionCount, sessionMs },
    gatewayCount: random.between(1, 3),
    dedupeWindow: random.pick([64, 1024, 1024]),
    handOverMs: random.pick([20, 100, 300]),
    checkpointEveryDecisions: random.pick([5, 20, 60, 1_000_000]),
    checkpointFailChance: some(0.3),
    pendingMaxBytes: random.pick([500, 4_000, 1 << 20]),
    resendDelayMs: random.pick([20, 50, 150]),
    outboxLimits: drawOutboxLimits(new SeededRandom(seed, 34)),
    appendTimeoutMs: random.pick([60, 150, 400]),
    requestTimeoutMs: random.pick([30, 60]),
    network: { dropChance: some(0.2), repeatChance: some(0.3), delayMaxMs: random.between(1, 20) },
    log: {
      delayMaxMs: random.pick([1, 3, 10, 30]),
      requestLostChance: some(0.15),
      answerLostChance: some(0.2),
      lateChance: some(0.3),
      lateMaxMs: stormy ? random.between(1, 600) : 0,
    },
    coordinator: {
      lostChance: some(0.2),
      delayMaxMs: random.pick([1, 5, 40]),
      noticeLostChance: some(0.4),
      noticeDelayMaxMs: random.pick([1, 20, 300]),
    },
    faults: drawFaults(random, { durationMs, nodeCount, partitionCount, sessionMs }),
  };
}

function drawOutboxLimits(random: SeededRandom): OutboxLimits | undefined {
  if (!random.chance(0.5)) return undefined;
  return { recordMessages: random.pick([1, 2, 4]), windowMessages: random.pick([1, 3, 12]) };
}

function drawFaults(
  random: SeededRandom,
  plan: Pick<ClusterPlan, 'durationMs' | 'nodeCount' | 'partitionCount' | 'sessionMs'>,
): ClusterFault[] {
  const { durationMs, nodeCount, partitionCount, sessionMs } = plan;
  const faults: ClusterFault[] = [];
  const at = () => random.between(0, durationMs);
  // Of many nodes few own anything: those are the first ones, mostly.
  const node = () => random.between(0, Math.min(nodeCount, random.pick([4, 8, 64])) - 1);
  const partition = () => random.between(0, partitionCount - 1);
  const stream = () => random.pick(['commands', 'events', 'events'] as const);
  const times = (chance: number, most: number) =>
    random.chance(chance) ? random.between(1, most) : 0;
  const add = (count: number, draw: () => ClusterFault) => {
    for (let left = count; left > 0; left--) faults.push(draw());
  };
  const long = () => random.between(10, random.pick([100, sessionMs * 2, sessionMs * 4]));
  add(times(0.7, 4), () => ({ kind: 'kill', at: at(), node: node(), downMs: long() }));
  add(times(0.7, 4), () => ({ kind: 'freeze', at: at(), node: node(), forMs: long() }));
  add(times(0.6, 4), () => ({
    ...{ kind: 'cut', at: at(), node: node(), forMs: long() },
    from: random.pick(['log', 'coordinator', 'everything'] as const),
    way: random.pick(['out', 'in', 'both'] as const),
  }));
  add(times(0.4, 3), () => {
    const byMs = random.between(-1, 1) * random.pick([40, 2_000, 180_000]);
    return { kind: 'clock-jump', at: at(), node: node(), byMs };
  });
  add(times(0.5, 4), () => ({ kind: 'checkpoint', at: at(), node: node() }));
  add(times(0.7, 5), () => ({ kind: 'move', at: at(), partition: partition() }));
  add(times(0.4, 4), () => ({
    ...{ kind: 'two-owners', at: at(), node: node(), partition: partition(), forMs: long() },
    ...{ other: node(), epochsAbove: random.between(0, 2) },
  }));
  add(times(0.15, 1), () => ({
    ...{ kind: 'rolling-restart', at: at(), everyMs: random.between(20, 200) },
  }));
  add(times(0.4, 3), () => {
    const place = { partition: partition(), stream: stream() };
    return { kind: 'leader-lost', at: at(), ...place, electionMs: random.between(5, 200) };
  });
  add(times(0.3, 2), () => {
    const place = { partition: partition(), stream: stream() };
    const to = random.pick(['read-only', 'none'] as const);
    return { kind: 'log-down', at: at(), ...place, to, forMs: random.between(10, 500) };
  });
  return faults.sort((x, y) => x.at - y.at);
}
