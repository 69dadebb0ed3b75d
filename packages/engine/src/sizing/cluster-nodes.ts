import type { Calibration } from './calibration.ts';
import { arrivalCost, liveEvents, usableShareOf, type Workload } from './capacity.ts';
import { planningFigures as figures } from './planning-figures.ts';
import { microseconds, type Reason, shown } from './reasoning.ts';
import type { SizeRequest } from './size-request.ts';

/** Nodes with the role gateway, and nodes with all the others. */
export interface ClusterNodes {
  /** Infinite when even many could not. */
  readonly gateways: number;
  readonly workers: number;
  readonly partitions: number;
  /** Arrivals a second with nothing left over. */
  readonly capacity: number;
  readonly limit: string;
  readonly reasons: readonly Reason[];
}

/** So that one may be lost. */
const nodesLeast = 2;
const partitionsLeast = 8;
const partitionsMost = 1_024;

/** By main thread and cores of gateways, folding threads and cores of the others. */
export function clusterNodes(
  calibration: Calibration,
  { peak, headroom, mix }: SizeRequest,
  workload: Workload,
  cores: number,
): ClusterNodes {
  const { live } = calibration;
  const usable = usableShareOf(calibration, mix);
  const cost = arrivalCost(calibration, mix);
  const events = liveEvents(workload);
  const usableShare = usable * (1 - headroom);
  const event = (live.main.median + live.helpers.median) * 1e-6;
  // Waiting that is no work keeps a gateway as busy as work does.
  const busy = Math.max(cost.main, cost.process);
  const main = busy + events.perArrival * live.main.median * 1e-6;
  const pushing = events.perSecond * live.main.median * 1e-6;
  const helpersOfMain = cost.helpers * (cost.main / Math.max(1e-12, cost.main + cost.fold));
  const all = cost.main + helpersOfMain + events.perArrival * event;
  const reading = peak * figures.readBackSeconds.value;
  // Reading is done by each of them whole; the rest is shared out.
  const byMain = (peak * main + pushing) / (usableShare - reading);
  const byCores = (peak * all + events.perSecond * event) / (usableShare * cores - reading);
  const needed = Math.max(byMain, byCores);
  const isPossible = usableShare > reading;
  const gateways = isPossible ? Math.max(nodesLeast, Math.ceil(needed)) : Number.POSITIVE_INFINITY;
  const folding = cost.fold * figures.folds.value;
  const threads = Math.ceil((peak * folding) / usableShare);
  const helpersOfFold = cost.helpers - helpersOfMain;
  const work = folding + cost.archive + helpersOfFold + figures.viewUpdateSeconds.value;
  const workersNeeded = (peak * work) / (usableShare * cores);
  const workers = Math.max(nodesLeast, Math.ceil(workersNeeded), Math.ceil(threads / cores));
  const partitions = Math.min(
    partitionsMost,
    2 ** Math.ceil(Math.log2(Math.max(partitionsLeast, threads * 2, workers * 2))),
  );
  const gatewayCapacity = isPossible
    ? Math.min(
        (gateways * usable - pushing) / (main + gateways * figures.readBackSeconds.value),
        (gateways * usable * cores - events.perSecond * event) /
          (all + gateways * figures.readBackSeconds.value),
      )
    : usable / figures.readBackSeconds.value;
  const workerCapacity = (workers * usable * cores) / work;
  const share = `${shown(usable)} × (1 − ${shown(headroom)})`;
  const reasons: Reason[] = [
    {
      what: 'usable share of a thread or core',
      sum: `${share} = ${shown(usableShare)}`,
      source: 'calibration, --headroom',
    },
    {
      what: 'gateways by their main threads and knees',
      sum: `(${shown(peak)}/s × ${microseconds(main)} + ${shown(pushing)}) ÷ (${shown(usableShare)} − ${shown(peak)}/s × ${microseconds(figures.readBackSeconds.value)}) = ${shown(byMain)}`,
      source: `calibration; reading all decisions: ${figures.readBackSeconds.source}`,
    },
    {
      what: 'gateways by their cores',
      sum: `${shown(peak)}/s × ${microseconds(all)} and pushes ÷ (${shown(usableShare)} × ${shown(cores)} cores, less reading) = ${shown(byCores)}`,
      source: 'calibration',
    },
    {
      what: 'gateways',
      sum: `the most of these, rounded up, and ${nodesLeast} = ${shown(gateways)}`,
      source: `${nodesLeast} so that one may be lost`,
    },
    {
      what: 'folding threads in all',
      sum: `${shown(peak)}/s × ${microseconds(cost.fold)} × ${figures.folds.value} ÷ ${shown(usableShare)} = ${shown(threads)}`,
      source: `calibration; owner and standby fold: ${figures.folds.source}`,
    },
    {
      what: 'nodes for the other roles',
      sum: `${shown(peak)}/s × ${microseconds(work)} ÷ (${shown(usableShare)} × ${shown(cores)} cores) = ${shown(workersNeeded)}, so ${shown(workers)}`,
      source: `calibration: fold, archive, helpers; views: ${figures.viewUpdateSeconds.source}`,
    },
    {
      what: 'partitions, pinned for ever',
      sum: `the power of two from twice ${shown(threads)} threads, twice ${shown(workers)} nodes, and ${partitionsLeast} = ${partitions}`,
      source: 'twice, so that the cluster may grow to double without a migration',
    },
  ];
  return {
    ...{ gateways, workers, partitions, reasons },
    capacity: Math.min(gatewayCapacity, workerCapacity),
    limit: gatewayCapacity < workerCapacity ? 'gateways' : 'nodes for the other roles',
  };
}
