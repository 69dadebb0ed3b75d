import type { Calibration } from './calibration.ts';
import { arrivalCost, capacityOf, usableShareOf, type Workload } from './capacity.ts';
import { type ClusterNodes, clusterNodes } from './cluster-nodes.ts';
import { sizingErrors } from './errors.ts';
import { planningFigures as figures } from './planning-figures.ts';
import { bytes, microseconds, type Reason, shown } from './reasoning.ts';
import { type ServiceSizes, serviceSizes } from './service-sizes.ts';
import { checkSizeRequest, type SizeRequest } from './size-request.ts';
import { type SizedSettings, sizedSettings } from './sized-settings.ts';

export type SizedRole = 'gateway' | 'processor' | 'views' | 'archiver' | 'coordinator';

/** A deployment that takes what was asked for. */
export interface DeploymentSize {
  readonly form: 'one process' | 'cluster';
  /** Of the engine, each on a machine of its own. */
  readonly nodes: number;
  readonly roles: Readonly<Record<SizedRole, number>>;
  /** Pinned when the data are made. */
  readonly partitions: number;
  readonly coresPerNode: number;
  /** In use at the peak, of the fullest node. */
  readonly memoryBytes: number;
  /** Of the log in all that time; in a cluster the brokers' instead. */
  readonly diskBytes: number;
  /** Arrivals a second that it takes with nothing left over. */
  readonly capacity: number;
  /** Share of that which is free at the peak. */
  readonly headroom: number;
  /** What would be full first. */
  readonly limit: string;
  /** In a cluster only. */
  readonly services: ServiceSizes | null;
  /** Null when no price was given. */
  readonly pricePerHour: number | null;
  readonly settings: SizedSettings;
  readonly reasoning: readonly Reason[];
}

/** More than the budget has of something. */
interface Excess {
  readonly what: string;
  readonly needed: string;
  readonly allowed: string;
}

interface Attempt {
  readonly size: DeploymentSize;
  readonly excess: Excess | undefined;
}

const halvings = 30;

/**
 * The smallest deployment that takes the request: one process when that is enough, else a cluster. Throws
 * sizing-impossible, which names what the budget lacks and the nearest load that it is enough for;
 * sizing-request-invalid; sizing-mix-uncalibrated.
 */
export function deploymentSize(calibration: Calibration, request: SizeRequest): DeploymentSize {
  checkSizeRequest(request);
  const { size, excess } = attempt(calibration, request);
  if (excess === undefined) return size;
  throw sizingErrors.create('sizing-impossible', {
    ...{ peak: shown(request.peak), players: shown(request.players), ...excess },
    nearest: nearest(calibration, request),
  });
}

/** The same crowd, but fewer of them. */
function nearest(calibration: Calibration, request: SizeRequest): string {
  const fits = (part: number) => attempt(calibration, scaled(request, part)).excess === undefined;
  let [low, high] = [0, 1];
  for (let halving = 0; halving < halvings; halving++) {
    const middle = (low + high) / 2;
    if (fits(middle)) low = middle;
    else high = middle;
  }
  const { peak, players, live } = scaled(request, low);
  // Not even a few fit: what runs without anybody is too much already.
  if (peak < 1) return 'none: a budget of more memory or more nodes has to come first';
  return `${shown(Math.floor(peak))}/s from ${shown(Math.floor(players))} players${live > 0 ? ` with ${shown(Math.floor(live))} live` : ''}`;
}

function scaled(request: SizeRequest, part: number): SizeRequest {
  const { peak, players, live, arrivals } = request;
  return {
    ...request,
    ...{ peak: peak * part, players: players * part, live: live * part, arrivals: arrivals * part },
  };
}

function attempt(calibration: Calibration, request: SizeRequest): Attempt {
  const single = oneProcess(calibration, request);
  const mayBeOne = !request.isRedundant;
  if (mayBeOne && (single.excess === undefined || request.budget.nodes === 1)) return single;
  return clusterOf(calibration, request);
}

function workloadOf(request: SizeRequest, liveIntervalMs: number): Workload {
  const { mix, live, players, teamSize } = request;
  return { mix, live, liveIntervalMs, teams: Math.max(1, Math.ceil(players / teamSize)) };
}

function oneProcess(calibration: Calibration, request: SizeRequest): Attempt {
  const { headroom, peak, budget } = request;
  const cores = budget.cores ?? calibration.machine.cores;
  const { settings, reasons, liveIntervalMs, connections } = sizedSettings(calibration, request, 1);
  const workload = workloadOf(request, liveIntervalMs);
  const machine = { cores, hasGenerator: false, isSustained: true };
  const withFolds = (foldThreads: number) =>
    capacityOf(calibration, workload, { ...machine, foldThreads });
  const wanted = peak / (1 - headroom);
  const isFoldScarce = withFolds(1).limit === 'folding threads' && withFolds(1).perSecond < wanted;
  const partitions = isFoldScarce ? Math.max(1, Math.floor(cores)) : 1;
  const capacity = withFolds(partitions);
  const cost = arrivalCost(calibration, request.mix);
  const memory = processMemory(calibration, workload.teams, connections);
  const diskBytes = request.arrivals * cost.logBytes;
  const reasoning: Reason[] = [
    wantedReason(request),
    ...capacity.resources.map(({ name, available, background, perArrival, perSecond }) => ({
      what: `${name} of one process`,
      sum: `(${shown(available)} × ${shown(usableShareOf(calibration, request.mix))} − ${shown(background)}) ÷ ${microseconds(perArrival)} = ${perSecond > 1e12 ? 'no limit' : `${shown(perSecond)}/s`}`,
      source: 'calibration: costs by medians, usable share; less pushes of standings',
    })),
    memory.reason,
    diskReason(request, cost.logBytes, diskBytes),
    ...reasons,
  ];
  const size: DeploymentSize = {
    ...{ form: 'one process', nodes: 1, partitions, coresPerNode: cores, services: null },
    roles: { gateway: 1, processor: 1, views: 1, archiver: 1, coordinator: 0 },
    ...{ memoryBytes: memory.bytes, diskBytes, capacity: capacity.perSecond },
    ...{ headroom: Math.max(0, 1 - peak / capacity.perSecond), limit: capacity.limit },
    ...{ pricePerHour: budget.price ?? null, settings, reasoning },
  };
  const excess =
    capacity.perSecond < wanted
      ? {
          what: `of one process's ${capacity.limit} (with ${shown(headroom * 100)} % of headroom)`,
          ...{
            needed: `${shown(wanted)}/s`,
            allowed: `one process of ${shown(cores)} cores that takes ${shown(capacity.perSecond)}/s`,
          },
        }
      : excessOf(calibration, request, size);
  return { size, excess };
}

function clusterOf(calibration: Calibration, request: SizeRequest): Attempt {
  const { peak, budget, headroom } = request;
  const cores = budget.cores ?? calibration.machine.cores;
  const first = sizedSettings(calibration, request, 1);
  const plan = (liveIntervalMs: number): ClusterNodes =>
    clusterNodes(calibration, request, workloadOf(request, liveIntervalMs), cores);
  const { gateways } = plan(first.liveIntervalMs);
  // Each has its part of the listeners, so pushes may be more frequent than one process could afford.
  const { settings, reasons, liveIntervalMs, connections } = sizedSettings(
    calibration,
    request,
    Number.isFinite(gateways) ? gateways : 1,
  );
  const nodes = plan(liveIntervalMs);
  const workload = workloadOf(request, liveIntervalMs);
  const cost = arrivalCost(calibration, request.mix);
  const ofWorkers = processMemory(
    calibration,
    (workload.teams * figures.folds.value) / Math.max(1, nodes.workers),
    0,
  );
  const ofGateways = processMemory(calibration, 0, connections);
  const memory = ofWorkers.bytes > ofGateways.bytes ? ofWorkers : ofGateways;
  const services = serviceSizes(request, workload.teams, cost.logBytes);
  const all = nodes.gateways + nodes.workers;
  const { gateways: gateway, workers } = nodes;
  const size: DeploymentSize = {
    ...{ form: 'cluster', nodes: all, partitions: nodes.partitions, coresPerNode: cores },
    roles: { gateway, processor: workers, views: workers, archiver: workers, coordinator: workers },
    ...{ memoryBytes: memory.bytes, diskBytes: 0, capacity: nodes.capacity, limit: nodes.limit },
    ...{ headroom: Math.max(0, 1 - peak / nodes.capacity), services, settings },
    pricePerHour: budget.price === undefined ? null : budget.price * all,
    reasoning: [
      wantedReason(request),
      ...nodes.reasons,
      ofGateways.reason,
      ofWorkers.reason,
      ...services.reasons,
      ...reasons,
    ],
  };
  if (!Number.isFinite(nodes.gateways)) {
    const most =
      (usableShareOf(calibration, request.mix) * (1 - headroom)) / figures.readBackSeconds.value;
    return {
      size,
      excess: {
        what: 'decisions a second that every gateway has to read',
        ...{ needed: shown(peak), allowed: `gateways that can read ${shown(most)}/s` },
      },
    };
  }
  return { size, excess: excessOf(calibration, request, size) };
}

/** What of the budget it takes too much of. */
function excessOf(
  calibration: Calibration,
  { budget }: SizeRequest,
  { nodes, memoryBytes, pricePerHour }: DeploymentSize,
): Excess | undefined {
  const memory =
    (budget.memoryBytes ?? calibration.machine.memoryBytes) * figures.memoryShare.value;
  if (memoryBytes > memory) {
    return {
      what: `of memory in a node (${shown(figures.memoryShare.value * 100)} % of it may be in use)`,
      ...{ needed: bytes(memoryBytes), allowed: bytes(memory) },
    };
  }
  if (budget.nodes !== undefined && nodes > budget.nodes) {
    return { what: 'nodes', needed: shown(nodes), allowed: shown(budget.nodes) };
  }
  const { pricePerHour: most } = budget;
  if (most !== undefined && pricePerHour !== null && pricePerHour > most) {
    return { what: 'of money an hour', needed: shown(pricePerHour), allowed: shown(most) };
  }
  return undefined;
}

function wantedReason({ peak, headroom }: SizeRequest): Reason {
  return {
    what: 'to be taken with nothing left over',
    sum: `${shown(peak)}/s ÷ (1 − ${shown(headroom)}) = ${shown(peak / (1 - headroom))}/s`,
    source: '--peak and --headroom',
  };
}

function processMemory({ memory, live }: Calibration, teams: number, connections: number) {
  const team = memory.teamBytes + figures.viewTeamBytes.value;
  const needed = memory.startBytes + teams * team + connections * live.connectionBytes;
  return {
    bytes: needed,
    reason: {
      what: teams > 0 ? 'memory of a node that holds teams' : 'memory of a gateway',
      sum: `${bytes(memory.startBytes)} + ${shown(teams)} teams × ${bytes(team)} + ${shown(connections)} connections × ${bytes(live.connectionBytes)} = ${bytes(needed)}`,
      source: 'calibration: start, state, connections; views.maxTeams',
    },
  };
}

function diskReason({ arrivals, hours }: SizeRequest, logBytes: number, disk: number): Reason {
  return {
    what: `log on the disk after ${shown(hours)} h`,
    sum: `${shown(arrivals)} arrivals × ${bytes(logBytes)} = ${bytes(disk)}`,
    source: 'calibration: bytes of the log; log.retainBytes keeps less',
  };
}
