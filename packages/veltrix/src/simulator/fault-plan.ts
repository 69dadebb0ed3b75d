import type { OutboxLimits } from '../processor/outbox-sender.ts';
import { SeededRandom } from './seeded-random.ts';
import type { NetworkFaults } from './simulated-network.ts';

export type ScheduledFault =
  /** The machine loses power at the n-th I/O step from then on. */
  | { readonly kind: 'crash-at-step'; readonly at: number; readonly steps: number }
  /** The process dies at the n-th I/O step from then on; the machine and its page cache live on. */
  | { readonly kind: 'kill-at-step'; readonly at: number; readonly steps: number }
  | { readonly kind: 'crash'; readonly at: number }
  | { readonly kind: 'disk-full'; readonly at: number; readonly afterBytes: number }
  | { readonly kind: 'sync-fails'; readonly at: number }
  /** Everything on the disk, or the log of one partition. */
  | {
      readonly kind: 'disk-slow';
      readonly at: number;
      readonly forMs: number;
      readonly partition: number | undefined;
    }
  /** For a while nothing more can be written where the checkpoints are. */
  | { readonly kind: 'checkpoint-fails'; readonly at: number; readonly forMs: number }
  | { readonly kind: 'clock-jump'; readonly at: number; readonly byMs: number }
  | { readonly kind: 'checkpoint'; readonly at: number }
  | { readonly kind: 'retain'; readonly at: number }
  | { readonly kind: 'clean-restart'; readonly at: number }
  /** While the machine is off, a bit of something that was durable turns over. */
  | { readonly kind: 'bit-flip'; readonly at: number };

/** Everything about a world that its seed decides before anything happens. */
export interface FaultPlan {
  readonly seed: number;
  /** Faults stop and healing begins then; simulated milliseconds. */
  readonly durationMs: number;
  readonly partitionCount: number;
  readonly dedupeWindow: number;
  readonly segmentBytes: number;
  readonly inflightMaxBytes: number;
  readonly checkpointEveryDecisions: number;
  readonly fullEvery: number;
  readonly resendDelayMs: number;
  /** Rows in each table of a partition. */
  readonly tableMaxRows: number;
  /** Smaller than a world's messages are many; the processor's own when undefined. */
  readonly outboxLimits: OutboxLimits | undefined;
  readonly syncMaxMs: number;
  readonly restartMaxMs: number;
  readonly network: NetworkFaults;
  /** I/O steps until the first start is cut short; infinite when it is not. */
  readonly firstStartSteps: number;
  /** Sorted by time. */
  readonly faults: readonly ScheduledFault[];
}

const crashKinds = ['crash-at-step', 'kill-at-step', 'crash', 'clean-restart'] as const;

export function drawFaultPlan(seed: number): FaultPlan {
  const random = new SeededRandom(seed, 1);
  const durationMs = random.between(300, 1_500);
  const partitionCount = random.pick([1, 2, 2, 3, 3, 4]);
  const stormy = random.chance(0.7);
  return {
    seed,
    durationMs,
    partitionCount,
    dedupeWindow: random.pick([16, 64, 1024, 1024]),
    segmentBytes: random.pick([65_536, 65_536, 131_072]),
    inflightMaxBytes: random.pick([34_000, 65_536, 1 << 20]),
    checkpointEveryDecisions: random.pick([5, 20, 60, 1_000_000]),
    fullEvery: random.pick([1, 2, 4]),
    resendDelayMs: random.pick([5, 20, 100]),
    tableMaxRows: 100_000,
    outboxLimits: drawOutboxLimits(new SeededRandom(seed, 5)),
    syncMaxMs: random.pick([0, 1, 5, 20]),
    restartMaxMs: random.pick([1, 50, 300]),
    firstStartSteps: random.chance(0.2) ? random.between(1, 40) : Number.POSITIVE_INFINITY,
    network: {
      dropChance: stormy ? random.next() * 0.3 : 0,
      repeatChance: stormy ? random.next() * 0.3 : 0,
      delayMaxMs: stormy ? random.between(1, 60) : 2,
    },
    faults: drawFaults(random, durationMs, partitionCount),
  };
}

function drawOutboxLimits(random: SeededRandom): OutboxLimits | undefined {
  if (random.chance(0.5)) return undefined;
  return { recordMessages: random.pick([1, 2, 4]), windowMessages: random.pick([1, 3, 12, 40]) };
}

function drawFaults(
  random: SeededRandom,
  durationMs: number,
  partitionCount: number,
): ScheduledFault[] {
  const faults: ScheduledFault[] = [];
  const at = () => random.between(0, durationMs);
  const times = (chance: number, most: number) =>
    random.chance(chance) ? random.between(1, most) : 0;
  for (let left = times(0.85, 4); left > 0; left--) {
    const kind = random.pick(crashKinds);
    if (kind === 'crash' || kind === 'clean-restart') faults.push({ kind, at: at() });
    // Few steps and many: the first ones after a start are recovery, which must be crashed too.
    else faults.push({ kind, at: at(), steps: random.between(1, random.pick([4, 20, 80])) });
  }
  for (let left = times(0.15, 2); left > 0; left--) {
    faults.push({ kind: 'disk-full', at: at(), afterBytes: random.between(0, 6_000) });
  }
  if (random.chance(0.15)) faults.push({ kind: 'sync-fails', at: at() });
  for (let left = times(0.4, 2); left > 0; left--) {
    const partition = random.chance(0.3) ? undefined : random.between(0, partitionCount - 1);
    const slow = {
      kind: 'disk-slow',
      at: at(),
      forMs: random.between(20, 300),
      partition,
    } as const;
    faults.push(slow);
    // In the middle of it: others may know already what this partition has not yet made durable.
    if (random.chance(0.5)) {
      faults.push({ kind: 'crash', at: slow.at + random.between(1, slow.forMs) });
    }
  }
  for (let left = times(0.3, 2); left > 0; left--) {
    faults.push({ kind: 'checkpoint-fails', at: at(), forMs: random.between(20, 300) });
  }
  for (let left = times(0.3, 3); left > 0; left--) {
    const byMs = random.between(-1, 1) * random.pick([40, 2_000, 3_600_000]);
    faults.push({ kind: 'clock-jump', at: at(), byMs });
  }
  for (let left = times(0.7, 4); left > 0; left--) faults.push({ kind: 'checkpoint', at: at() });
  for (let left = times(0.5, 4); left > 0; left--) faults.push({ kind: 'retain', at: at() });
  if (random.chance(0.12)) faults.push({ kind: 'bit-flip', at: at() });
  return faults.sort((x, y) => x.at - y.at);
}
