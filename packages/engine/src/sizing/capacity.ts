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
  /** The part of a second for which it keeps the whole process busy, by what the process takes of its kinds. */
  readonly process: number;
  /** The part of each second that goes into turns of the loop whatever arrives, 0 to 1. */
  readonly fixed: number;
  readonly main: number;
  readonly fold: number;
  readonly archive: number;
  readonly helpers: number;
  readonly generator: number;
  readonly generatorThread: number;
  readonly logBytes: number;
}

/** What is known of a machine before its usable share. */
type Costs = Pick<Calibration, 'requests' | 'live' | 'company'>;

const microsecond = 1e-6;
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
  const shares = sharesOf(mix);
  const sum = (part: (cost: RequestCost) => number) => {
    let all = 0;
    for (const [kind, share] of shares) {
      const cost = requests[kind];
      if (cost === undefined) throw sizingErrors.create('sizing-mix-uncalibrated', { kind });
      all += share * part(cost);
    }
    return all;
  };
  const seconds = (part: (cost: RequestCost) => Quartiles) =>
    sum((cost) => part(cost).median) * microsecond;
  return {
    process: sum(({ perSecond, fixedShare }) => (1 - fixedShare) / perSecond),
    fixed: fixedOf(requests, shares),
    main: seconds(({ main }) => main),
    fold: seconds(({ fold }) => fold),
    archive: seconds(({ archive }) => archive),
    helpers: seconds(({ helpers }) => helpers),
    generator: seconds(({ generator }) => generator),
    generatorThread: seconds(({ generatorThread }) => generatorThread),
    logBytes: sum(({ logBytes }) => logBytes),
  };
}

/** Of the own progress, which is asked of the fold, and of standings. */
const reads: readonly RequestKind[] = ['progress', 'standings'];

/** Commands go together, and reads in their turns; reads without commands have turns of their own. */
function fixedOf(requests: Calibration['requests'], shares: ReadonlyMap<RequestKind, number>) {
  const commands = [...shares].filter(([kind]) => !reads.includes(kind));
  const counted = commands.length > 0 ? commands : [...shares];
  return weighted(counted, (kind) => requests[kind]!.fixedShare);
}

function weighted(
  shares: readonly (readonly [kind: RequestKind, share: number])[],
  of: (kind: RequestKind) => number,
): number {
  const weight = shares.reduce((sum, [, share]) => sum + share, 0);
  return weight === 0
    ? 0
    : shares.reduce((sum, [kind, share]) => sum + share * of(kind), 0) / weight;
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
 * What one process that holds every role takes: of each resource the usable share of what is left when what runs
 * anyway has run, by what an arrival needs of it; the scarcest decides.
 */
export function capacityOf(
  calibration: Calibration,
  workload: Workload,
  machine: CapacityMachine,
): Capacity {
  const seldom = capacityWith('each read', calibration, workload, machine);
  const isOften = isChangeRarer(calibration, workload, seldom.perSecond);
  return isOften ? capacityWith('each change', calibration, workload, machine) : seldom;
}

function capacityWith(
  pages: PagesFor,
  calibration: Calibration,
  workload: Workload,
  machine: CapacityMachine,
): Capacity {
  const { share } = calibration.usable;
  const resources = resourcesOf(pages, calibration, workload, machine).map((resource) => {
    const { available, background, perArrival } = resource;
    const left = Math.max(0, share * (available - background));
    return { ...resource, perSecond: perArrival > 0 ? left / perArrival : Number.MAX_VALUE };
  });
  const scarcest = resources.reduce((one, other) =>
    other.perSecond < one.perSecond ? other : one,
  );
  return { perSecond: scarcest.perSecond, limit: scarcest.name, resources };
}

/** How full the fullest resource is at a rate, of what arrivals can have of it: 1 when nothing is left over. */
export function fullestShare(
  calibration: Costs,
  workload: Workload,
  machine: CapacityMachine,
  perSecond: number,
): number {
  const isOften = isChangeRarer(calibration, workload, perSecond);
  const pages = isOften ? 'each change' : 'each read';
  const shares = resourcesOf(pages, calibration, workload, machine).map(
    ({ available, background, perArrival }) => (perSecond * perArrival) / (available - background),
  );
  return Math.max(...shares);
}

/** What a page of standings is put together for: whichever is rarer. */
type PagesFor = 'each read' | 'each change';

function isChangeRarer(costs: Costs, { mix }: Workload, perSecond: number): boolean {
  const shares = sharesOf(mix);
  return perSecond * (shares.get('standings') ?? 0) > changesPerSecond(costs, shares);
}

/** So often the standings change: by the record. */
function changesPerSecond({ requests }: Costs, shares: ReadonlyMap<RequestKind, number>): number {
  const those = [...shares].filter(([kind]) => changing.includes(kind));
  return weighted(those, (kind) => requests[kind]!.recordsPerSecond);
}

function resourcesOf(
  pages: PagesFor,
  calibration: Costs,
  workload: Workload,
  { cores, foldThreads, hasGenerator, isSustained }: CapacityMachine,
): Omit<Resource, 'perSecond'>[] {
  const { live, company } = calibration;
  const cost = arrivalCost(calibration, workload.mix);
  const events = liveEvents(workload);
  const eventMain = live.main.median * microsecond;
  const eventOther =
    (live.helpers.median + (hasGenerator ? live.generator.median : 0)) * microsecond;
  const shares = sharesOf(workload.mix);
  const page = company.pageMicroseconds * microsecond;
  const changes = changesPerSecond(calibration, shares);
  const isEachRead = pages === 'each read';
  const standings = changes > 0 ? (shares.get('standings') ?? 0) : 0;
  const pagePerArrival = isEachRead ? standings * page : 0;
  const pagesAnyway = isEachRead ? 0 : changes * page;
  const hasCommands = [...shares.keys()].some((kind) => !reads.includes(kind));
  const besides = hasCommands && shares.has('progress') ? company.progressShare : 0;
  const main = cost.main + events.perArrival * eventMain + pagePerArrival;
  const mainBackground = events.perSecond * eventMain + pagesAnyway;
  const all =
    main +
    cost.fold +
    cost.helpers +
    events.perArrival * eventOther +
    (isSustained ? cost.archive : 0) +
    (hasGenerator ? cost.generator : 0);
  const resources: Omit<Resource, 'perSecond'>[] = [
    {
      ...{ name: 'process', available: 1, background: mainBackground + cost.fixed + besides },
      perArrival: cost.process + events.perArrival * eventMain + pagePerArrival,
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
