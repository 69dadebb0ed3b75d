import type { MetricCatalog } from 'veltrix/telemetry';
import type { EngineRegistry } from './engine-metrics.ts';

const owner = 'every role';
const names = ['log', 'archive', 'views', 'identity', 'coordination', 'processors'] as const;
const labels = { dependency: names } as const;

export const dependencyMetrics = {
  hunt_dependency_up_state: {
    ...{ type: 'gauge', owner, labels },
    help: 'Breaker of what this process depends on: 1 while it is asked, 0 while it is left alone because it failed.',
    whenItMoves:
      'The log of the process says why. It is tried again by itself; docs/cluster.md says what goes on without it.',
  },
  hunt_dependency_down_seconds: {
    ...{ type: 'gauge', owner, labels },
    help: 'Since when it has been left alone, to a second; 0 while it is asked.',
    whenItMoves:
      'Mend what it names: nothing is lost meanwhile, but the archive lags and standings grow old.',
  },
} as const satisfies MetricCatalog;

export type Dependency = (typeof names)[number];

/** Breakers of this process, looked at every second. */
export class Dependencies {
  readonly #watched = new Map<Dependency, { readonly isUp: () => boolean; downSince?: number }>();

  constructor(registry: EngineRegistry) {
    registry.measure('hunt_dependency_up_state', ['dependency'], (emit) => {
      this.#look();
      for (const [name, { downSince }] of this.#watched) {
        emit(downSince === undefined ? 1 : 0, name);
      }
    });
    registry.measure('hunt_dependency_down_seconds', ['dependency'], (emit) => {
      const now = performance.now();
      for (const [name, { downSince }] of this.#watched) {
        emit(downSince === undefined ? 0 : (now - downSince) / 1_000, name);
      }
    });
    registry.onSample(() => this.#look());
  }

  watch(name: Dependency, isUp: () => boolean): void {
    this.#watched.set(name, { isUp });
  }

  #look(): void {
    for (const watched of this.#watched.values()) {
      if (watched.isUp()) delete watched.downSince;
      else watched.downSince ??= performance.now();
    }
  }
}
