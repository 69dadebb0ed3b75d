import { SeededRandom } from 'veltrix/simulator';
import { gatewayNames, processorNames, spareName } from '../cluster/node-names.ts';

/** What a fault is done to; two faults never work on the same part at a time. */
type Part = string;

/** How one kind of fault is drawn. */
interface FaultKind {
  /** What it can be done to: node names, broker numbers, or nothing to choose. */
  readonly targets: readonly string[];
  /** How long it lasts before it is healed, in milliseconds: least and most. */
  readonly forMs: readonly [number, number];
  /** Of the parts, which it works on when done to that target. */
  readonly parts: (target: string) => readonly Part[];
}

const brokers = ['0', '1', '2'];
const links = [...processorNames, ...gatewayNames];
/** Longer than a session of ZooKeeper (3 s) and of a broker (3 s). */
const pastSessionMs = [4_000, 8_000] as const;
const downMs = [500, 4_000] as const;
const own = (target: string) => [target];
const broker = () => ['kafka'];

/** All kinds, by the name that `--faults` takes. */
export const faultKinds = {
  'processor-kill': { targets: processorNames, forMs: downMs, parts: own },
  'processor-freeze': { targets: processorNames, forMs: pastSessionMs, parts: own },
  'processor-drain': { targets: processorNames, forMs: downMs, parts: own },
  'processors-kill-all': { targets: [''], forMs: downMs, parts: () => processorNames },
  'processor-add': { targets: [spareName], forMs: [6_000, 12_000], parts: own },
  'gateway-kill': { targets: gatewayNames, forMs: downMs, parts: own },
  'gateway-freeze': { targets: gatewayNames, forMs: pastSessionMs, parts: own },
  'gateway-drain': { targets: gatewayNames, forMs: downMs, parts: own },
  'broker-kill': { targets: brokers, forMs: downMs, parts: broker },
  'broker-freeze': { targets: brokers, forMs: pastSessionMs, parts: broker },
  'broker-disk-full': { targets: brokers, forMs: downMs, parts: broker },
  'brokers-kill-all': { targets: [''], forMs: downMs, parts: broker },
  'redis-kill': { targets: [''], forMs: downMs, parts: () => ['redis'] },
  'redis-freeze': { targets: [''], forMs: pastSessionMs, parts: () => ['redis'] },
  'redis-flush': { targets: [''], forMs: [0, 0], parts: () => ['redis'] },
  'cassandra-kill': { targets: [''], forMs: downMs, parts: () => ['cassandra'] },
  'cassandra-freeze': { targets: [''], forMs: pastSessionMs, parts: () => ['cassandra'] },
  'zookeeper-kill': { targets: [''], forMs: downMs, parts: () => ['zookeeper'] },
  'zookeeper-freeze': { targets: [''], forMs: pastSessionMs, parts: () => ['zookeeper'] },
  'link-cut': { targets: links, forMs: pastSessionMs, parts: linkOf },
  'link-hold': { targets: links, forMs: pastSessionMs, parts: linkOf },
  'link-one-way': { targets: links, forMs: pastSessionMs, parts: linkOf },
  'link-slow': { targets: links, forMs: pastSessionMs, parts: linkOf },
} as const satisfies Readonly<Record<string, FaultKind>>;

export type FaultKindName = keyof typeof faultKinds;

function linkOf(target: string): readonly Part[] {
  return [`link of ${target}`];
}

export const faultNames = Object.keys(faultKinds) as FaultKindName[];

export interface Fault {
  readonly kind: FaultKindName;
  readonly target: string;
  readonly parts: readonly Part[];
  /** Pause before it. */
  readonly afterMs: number;
  /** The next one does not wait until this one has lasted its time. */
  readonly overlaps: boolean;
  readonly forMs: number;
  /** For those that need one more choice: which server of a link, which direction, how slow. */
  readonly choice: number;
}

const overlapShare = 0.35;

/**
 * Faults in the order in which they are done, without end: the same seed draws the same ones. All
 * kinds come before one comes again, so that a short run sees many.
 */
export function* drawFaults(
  seed: number,
  kinds: readonly FaultKindName[] = faultNames,
): Generator<Fault, never, void> {
  const random = new SeededRandom(seed, 1);
  for (;;) {
    for (const kind of shuffled(kinds, random)) {
      const { targets, forMs, parts }: FaultKind = faultKinds[kind];
      const target = random.pick(targets);
      yield {
        ...{ kind, target, parts: parts(target) },
        afterMs: random.between(500, 3_000),
        overlaps: random.chance(overlapShare),
        forMs: random.between(...forMs),
        choice: random.next(),
      };
    }
  }
}

function shuffled<Item>(items: readonly Item[], random: SeededRandom): Item[] {
  const left = [...items];
  return items.map(() => left.splice(random.between(0, left.length - 1), 1)[0]!);
}
