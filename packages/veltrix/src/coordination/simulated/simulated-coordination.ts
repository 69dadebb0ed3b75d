import type { Clock } from '../../clock.ts';
import type { LogIdentity } from '../../log/log.ts';
import type { ConfigSource } from '../config-source.ts';
import type { Coordinator } from '../coordinator.ts';
import { TreeConfigSource } from '../tree/tree-config-source.ts';
import { TreeCoordinator } from '../tree/tree-coordinator.ts';
import { documentMaxBytes, TreePlace } from '../tree/tree-place.ts';
import { defaultTreeTimings } from '../tree/tree-timings.ts';
import { SimulatedTree } from './simulated-tree.ts';
import type { SimulatedTreeService } from './simulated-tree-service.ts';

export interface SimulatedCoordinationOptions {
  readonly service: SimulatedTreeService;
  /** By which the service knows where to cut; the same for all connections of a node. */
  readonly node: string;
  /** Clock of the present life of the node. */
  readonly clock: Clock;
  readonly plan: LogIdentity;
  /** Differs for each life of a node. */
  readonly instance: string;
  readonly clockSkewMaxMs?: number;
}

/** A node's coordinator in a simulated world: the code of the real one over a simulated service. */
export function openSimulatedCoordinator(options: SimulatedCoordinationOptions): Coordinator {
  return new TreeCoordinator(placeOf(options), options.instance);
}

export function openSimulatedConfigSource(options: SimulatedCoordinationOptions): ConfigSource {
  return new TreeConfigSource(placeOf(options));
}

function placeOf(options: SimulatedCoordinationOptions): TreePlace {
  const { service, node, clock, plan, clockSkewMaxMs = Number.POSITIVE_INFINITY } = options;
  const timings = defaultTreeTimings;
  return new TreePlace({
    tree: new SimulatedTree(service, node, clock, timings.requestTimeoutMs),
    clock,
    plan,
    timings,
    name: 'simulated:',
    documentMaxBytes,
    clockSkewMaxMs,
  });
}
