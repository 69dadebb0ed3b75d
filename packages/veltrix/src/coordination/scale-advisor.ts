import type { LoadReport, Member } from './coordinator.ts';

export interface ScaleSettings {
  /** Load of a node that the advice aims at; 1 is all that it can do. */
  readonly target: number;
  /** More nodes are wanted when the load would be above this for `upAfterMs`. */
  readonly upAt: number;
  readonly upAfterMs: number;
  /** Fewer are wanted when with one node less it would be below this for `downAfterMs`. */
  readonly downAt: number;
  readonly downAfterMs: number;
  /** For how long a new leader looks before it says anything. */
  readonly quietMs: number;
  /** In the mean load the weight of a report halves in this time. */
  readonly halfLifeMs: number;
  /** A loop this late, or a record that waits this long, counts as all that a node can do. */
  readonly delayFullMs: number;
  readonly queueAgeFullMs: number;
}

export const defaultScaleSettings: ScaleSettings = {
  target: 0.6,
  upAt: 0.75,
  upAfterMs: 15_000,
  downAt: 0.5,
  downAfterMs: 300_000,
  quietMs: 30_000,
  halfLifeMs: 10_000,
  delayFullMs: 500,
  queueAgeFullMs: 2_000,
};

/** How many nodes a role should have. */
export interface RoleAdvice {
  readonly role: string;
  /** That have it and do not drain. */
  readonly nodes: number;
  /** Mean over them, 0 to 1, to a hundredth. */
  readonly load: number;
  readonly wanted: number;
}

interface RoleState {
  /** Sum of the loads of its nodes, smoothed: how many full nodes it keeps busy. */
  demand: number;
  wanted: number;
  highMs: number;
  lowMs: number;
  /** Highest demand since it was low. */
  lowPeak: number;
}

/**
 * Says how many nodes each role needs by what they report. It adds soon and takes away late, and between the two
 * there is a gap that no advice crosses: after any change of the advice a load that stays as it is asks for no
 * other. See docs/decisions/0013.
 *
 * Knows nothing of what becomes of the advice; it follows the load, not the number of nodes. Time is what was
 * observed, as in `HealthJudge`.
 */
export class ScaleAdvisor {
  readonly #settings: ScaleSettings;
  /** By role, the most nodes that it has any use for. */
  readonly #most: ReadonlyMap<string, number>;
  readonly #roles = new Map<string, RoleState>();
  #observedMs = 0;

  /** Roles that are not named in `most` get no advice. */
  constructor(settings: ScaleSettings, most: ReadonlyMap<string, number>) {
    this.#settings = settings;
    this.#most = most;
  }

  /** What the members report; `elapsedMs` since the last time. Roles of which nobody reports are left out. */
  observe(
    members: readonly Member[],
    loads: ReadonlyMap<string, LoadReport>,
    draining: ReadonlySet<string>,
    elapsedMs: number,
  ): readonly RoleAdvice[] {
    this.#observedMs += elapsedMs;
    const advice: RoleAdvice[] = [];
    for (const [role, most] of this.#most) {
      const having = members.filter(({ roles }) => roles.includes(role));
      const reporting = having.filter(({ nodeId }) => loads.has(nodeId));
      const staying = having.filter(({ nodeId }) => !draining.has(nodeId)).length;
      if (reporting.length === 0) continue;
      // Who has not reported yet is taken to be as busy as the others.
      const sum = reporting.reduce((all, { nodeId }) => all + this.#loadOf(loads.get(nodeId)!), 0);
      const demand = (sum * having.length) / reporting.length;
      const state = this.#follow(role, demand, staying, most, elapsedMs);
      const load = Math.round((state.demand / Math.max(1, staying)) * 100) / 100;
      advice.push({ role, nodes: staying, load: Math.min(1, load), wanted: state.wanted });
    }
    return this.#observedMs < this.#settings.quietMs ? [] : advice;
  }

  /** Of one thread that folds, of all cores, or what waits: whichever is nearest to its end. */
  #loadOf({ cpu, eventLoopDelayMs, partitions }: LoadReport): number {
    const { delayFullMs, queueAgeFullMs } = this.#settings;
    const foldedMs = partitions.reduce((sum, { cost }) => sum + cost, 0);
    const oldestMs = partitions.reduce((most, { queueAgeMs }) => Math.max(most, queueAgeMs), 0);
    const shares = [
      cpu,
      foldedMs / 1_000,
      eventLoopDelayMs / delayFullMs,
      oldestMs / queueAgeFullMs,
    ];
    return Math.min(1, Math.max(...shares));
  }

  #follow(role: string, demand: number, nodes: number, most: number, elapsedMs: number): RoleState {
    const { target, upAt, upAfterMs, downAt, downAfterMs, quietMs, halfLifeMs } = this.#settings;
    const clamp = (count: number) => Math.min(most, Math.max(1, Math.ceil(count)));
    const state = this.#roles.get(role) ?? {
      ...{ demand, wanted: clamp(nodes), highMs: 0, lowMs: 0, lowPeak: 0 },
    };
    this.#roles.set(role, state);
    const share = 1 - 0.5 ** (elapsedMs / halfLifeMs);
    state.demand += (demand - state.demand) * share;
    // Until it speaks, it takes the nodes that are there for what is wanted.
    if (this.#observedMs < quietMs) state.wanted = clamp(nodes);
    // Nodes can be no busier than busy: where there are too few, the load says nothing of how many would do.
    const isFull = state.demand > upAt * nodes && nodes < state.wanted;
    const isHigh = state.demand > upAt * state.wanted;
    const isLow = !isFull && state.demand < downAt * (state.wanted - 1);
    state.highMs = isHigh ? state.highMs + elapsedMs : 0;
    state.lowMs = isLow ? state.lowMs + elapsedMs : 0;
    state.lowPeak = isLow ? Math.max(state.lowPeak, state.demand) : 0;
    if (state.highMs >= upAfterMs) {
      Object.assign(state, { wanted: clamp(state.demand / target), highMs: 0 });
    } else if (state.lowMs >= downAfterMs) {
      const wanted = Math.min(state.wanted - 1, clamp(state.lowPeak / target));
      Object.assign(state, { wanted, lowMs: 0, lowPeak: 0 });
    }
    return state;
  }
}
