import { randomBytes } from 'node:crypto';
import { type Clock, systemClock } from '../../clock.ts';
import type { LogIdentity } from '../../log/log.ts';
import type { ConfigSource } from '../config-source.ts';
import type { Coordinator } from '../coordinator.ts';
import { TreeConfigSource } from '../tree/tree-config-source.ts';
import { TreeCoordinator } from '../tree/tree-coordinator.ts';
import { documentMaxBytes, TreePlace } from '../tree/tree-place.ts';
import { TreeServer } from '../tree/tree-server.ts';
import { defaultTreeTimings, type TreeTimings } from '../tree/tree-timings.ts';
import { MemoryTree } from './memory-tree.ts';

export interface MemoryCoordinationOptions {
  readonly clock?: Clock;
  readonly timings?: Partial<TreeTimings>;
}

/**
 * A meeting place within one process: for a deployment of one process, which is its own coordinator, and for
 * tests. It lasts as long as the object.
 */
export class MemoryCoordination {
  readonly server: TreeServer;
  readonly #clock: Clock;
  readonly #timings: TreeTimings;
  readonly #trees = new WeakMap<object, MemoryTree>();

  constructor({ clock = systemClock, timings }: MemoryCoordinationOptions = {}) {
    this.#clock = clock;
    this.server = new TreeServer(() => clock.now());
    this.#timings = { ...defaultTreeTimings, ...timings };
  }

  openCoordinator(plan: LogIdentity): Coordinator {
    const instance = randomBytes(16).toString('hex');
    return this.#open(plan, (place) => new TreeCoordinator(place, instance));
  }

  openConfigSource(plan: LogIdentity): ConfigSource {
    return this.#open(plan, (place) => new TreeConfigSource(place));
  }

  /** Ends a session, as a service would that no longer hears of it. */
  expire(port: Coordinator | ConfigSource): void {
    this.#trees.get(port)?.expire();
  }

  #open<T extends object>(plan: LogIdentity, make: (place: TreePlace) => T): T {
    const clock = this.#clock;
    const tree = new MemoryTree(this.server, clock);
    const timings = this.#timings;
    // One clock for all.
    const limits = { documentMaxBytes, clockSkewMaxMs: Number.POSITIVE_INFINITY };
    const port = make(new TreePlace({ tree, clock, plan, timings, name: 'memory:', ...limits }));
    this.#trees.set(port, tree);
    return port;
  }
}
