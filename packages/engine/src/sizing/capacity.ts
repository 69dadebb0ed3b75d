import {
  type Calibration,
  type Quartiles,
  type RequestCost,
  type RequestKind,
  requestKinds,
} from './calibration.ts';
import { sizingErrors } from './errors.ts';

export type Mix = Readonly<Partial<Record<RequestKind, number>>>;

/** What a crowd does. */
export interface Workload {
  /** Weights; at least one above 0. */
  readonly mix: Mix;
  /** Teams of those who send; each listener is of one of them. */
  readonly teams: number;
  /** Live connections. */
  readonly live: number;
  /** Least time between two pushes of the standings: gateway.liveIntervalMs. */
  readonly liveIntervalMs: number;
}

/** One thing that a process runs out of. Seconds of processor time. */
interface Resource {
  readonly name: ResourceName;
  /** In each second, when nothing is left over. */
  readonly available: number;
  /** Of one arrival. */
  readonly perArrival: number;
  /** In each second, whatever arrives: pushes of the standings. */
  readonly background: number;
  /** Arrivals a second at which its usable share is used up. */
  readonly perSecond: number;
}

type ResourceName = 'process' | 'cores' | 'main thread' | 'folding threads' | 'generator thread';

/** What one process takes. */
export interface Capacity {
  /** Arrivals a second. */
  readonly perSecond: number;
  readonly limit: ResourceName;
  readonly resources: readonly Resource[];
}

export interface CapacityMachine {
  readonly cores: number;
  readonly foldThreads: number;
  /** Whoever sends the load takes its processor time from the same cores. */
  readonly hasGenerator: boolean;
  /** The archive keeps up for hours; else it may fall behind for the minute that a burst lasts. */
  readonly isSustained: boolean;
}

/** Processor seconds of one arrival, on average over a mix. */
export interface ArrivalCost {
  /** The part of a second for which it keeps the whole process busy, by the knees of its kinds. */
  readonly process: number;
  readonly main: number;
  readonly fold: number;
  readonly archive: number;
  readonly helpers: number;
  readonly generator: number;
  readonly generatorThread: number;
  readonly logBytes: number;
}

/** What is known of a machine before its usable shares. */
type Costs = Pick<Calibration, 'requests' | 'live'>;

const microsecond = 1e-6;
const reads: readonly RequestKind[] = ['standings', 'progress'];
/** Whose decisions change the standings, so that they are pushed. */
const changing: readonly RequestKind[] = ['answer-right', 'scan', 'check-in', 'hint', 'join'];
/** Whose decisions the listeners of the team are told. */
const told: readonly RequestKind[] = [
  ...(['answer-right', 'answer-wrong', 'scan', 'check-in', 'hint', 'claim'] as const),
];

/** By kind the share of all arrivals. Throws sizing-request-invalid. */
export function sharesOf(mix: Mix): ReadonlyMap<RequestKind, number> {
  const weights = requestKinds.map((kind) => [kind, mix[kind] ?? 0] as const);
  const total = weights.reduce((sum, [, weight]) => sum + weight, 0);
  if (!(total > 0) || weights.some(([, weight]) => weight < 0)) {
    throw sizingErrors.create('sizing-request-invalid', {
      ...{ what: 'The mix', expected: 'weights of which at least one is above 0' },
      found: JSON.stringify(mix),
    });
  }
  return new Map(
    weights.filter(([, weight]) => weight > 0).map(([kind, weight]) => [kind, weight / total]),
  );
}

/** The costs of a mix, by medians. Throws sizing-mix-uncalibrated, sizing-request-invalid. */
export function arrivalCost({ requests }: Pick<Calibration, 'requests'>, mix: Mix): ArrivalCost {
  const sum = (part: (cost: RequestCost) => number) => {
    let all = 0;
    for (const [kind, share] of sharesOf(mix)) {
      const cost = requests[kind];
      if (cost === undefined) throw sizingErrors.create('sizing-mix-uncalibrated', { kind });
      all += share * part(cost);
    }
    return all;
  };
  const seconds = (part: (cost: RequestCost) => Quartiles) =>
    sum((cost) => part(cost).median) * microsecond;
  return {
    process: sum(({ perSecond }) => 1 / perSecond),
    main: seconds(({ main }) => main),
    fold: seconds(({ fold }) => fold),
    archive: seconds(({ archive }) => archive),
    helpers: seconds(({ helpers }) => helpers),
    generator: seconds(({ generator }) => generator),
    generatorThread: seconds(({ generatorThread }) => generatorThread),
    logBytes: sum(({ logBytes }) => logBytes),
  };
}

/** Of what can be used by a crowd that sends this; less where commands and reads come together. Throws sizing-request-invalid. */
export function usableShareOf({ usable, usableApart }: Calibration, mix: Mix): number {
  const kinds = [...sharesOf(mix).keys()];
  if (kinds.every((kind) => reads.includes(kind))) return usableApart.reads.share;
  return kinds.some((kind) => reads.includes(kind)) ? usable.share : usableApart.commands.share;
}

/** Live events: in each second whatever arrives, and for each arrival. */
export function liveEvents({ mix, teams, live, liveIntervalMs }: Workload) {
  const shares = sharesOf(mix);
  const share = (kinds: readonly RequestKind[]) =>
    kinds.reduce((sum, kind) => sum + (shares.get(kind) ?? 0), 0);
  return {
    perSecond: share(changing) > 0 ? (live * 1_000) / liveIntervalMs : 0,
    perArrival: (share(told) * live) / Math.max(1, teams),
  };
}

/**
 * What one process that holds every role takes: of each resource the usable share, less what runs anyway, by
 * what an arrival needs of it; the scarcest decides.
 */
export function capacityOf(
  calibration: Calibration,
  workload: Workload,
  machine: CapacityMachine,
): Capacity {
  const share = usableShareOf(calibration, workload.mix);
  const resources = resourcesOf(calibration, workload, machine).map((resource) => {
    const { available, background, perArrival } = resource;
    const left = Math.max(0, available * share - background);
    return { ...resource, perSecond: perArrival > 0 ? left / perArrival : Number.MAX_VALUE };
  });
  const scarcest = resources.reduce((one, other) =>
    other.perSecond < one.perSecond ? other : one,
  );
  return { perSecond: scarcest.perSecond, limit: scarcest.name, resources };
}

/** How full the fullest resource is at a rate, 1 when nothing is left over. */
export function fullestShare(
  calibration: Costs,
  workload: Workload,
  machine: CapacityMachine,
  perSecond: number,
): number {
  const shares = resourcesOf(calibration, workload, machine).map(
    ({ available, background, perArrival }) => (background + perSecond * perArrival) / available,
  );
  return Math.max(...shares);
}

function resourcesOf(
  calibration: Costs,
  workload: Workload,
  { cores, foldThreads, hasGenerator, isSustained }: CapacityMachine,
): Omit<Resource, 'perSecond'>[] {
  const { live } = calibration;
  const cost = arrivalCost(calibration, workload.mix);
  const events = liveEvents(workload);
  const eventMain = live.main.median * microsecond;
  const eventOther =
    (live.helpers.median + (hasGenerator ? live.generator.median : 0)) * microsecond;
  const main = cost.main + events.perArrival * eventMain;
  const mainBackground = events.perSecond * eventMain;
  const all =
    main +
    cost.fold +
    cost.helpers +
    events.perArrival * eventOther +
    (isSustained ? cost.archive : 0) +
    (hasGenerator ? cost.generator : 0);
  const resources: Omit<Resource, 'perSecond'>[] = [
    {
      ...{ name: 'process', available: 1, background: mainBackground },
      perArrival: cost.process + events.perArrival * eventMain,
    },
    {
      ...{ name: 'cores', available: cores, perArrival: all },
      background: mainBackground + events.perSecond * eventOther,
    },
    { name: 'main thread', available: 1, perArrival: main, background: mainBackground },
    {
      ...{ name: 'folding threads', available: foldThreads },
      ...{ perArrival: cost.fold, background: 0 },
    },
  ];
  if (hasGenerator) {
    resources.push({
      ...{ name: 'generator thread', available: 1 },
      perArrival: cost.generatorThread + events.perArrival * live.generator.median * microsecond,
      background: events.perSecond * live.generator.median * microsecond,
    });
  }
  return resources;
}
