import { randomBytes } from 'node:crypto';
import type { HuntDefinition } from '@hunt/rules';
import type { ArrivalPlan } from '../arrivals/arrival.ts';
import { joinPlayers } from '../crowd/join-players.ts';
import { checkActions } from '../crowd/possible-actions.ts';
import { headStartMs, LoadGenerator } from '../generator/load-generator.ts';
import { saturationOf } from '../generator/saturation.ts';
import type { Action } from '../scenario/scenario-shape.ts';
import { targetOf } from './load-target.ts';
import { steadyRate } from './steady-rate.ts';

export interface LoadSessionOptions {
  readonly baseUrl: string;
  /** Published at the target already. */
  readonly hunt: HuntDefinition;
  /** By id of the step, when scans are sent. */
  readonly scanCodes: Readonly<Record<string, string>>;
  readonly players: number;
  readonly connections: number;
  /** Players who listen to live events all the time, a connection each. */
  readonly live: number;
  readonly signal?: AbortSignal | undefined;
}

/** A steady load. */
export interface SteadyLoad {
  readonly mix: Readonly<Partial<Record<Action, number>>>;
  /** Arrivals a second, at random moments. */
  readonly perSecond: number;
  readonly forMs: number;
  /** The same one sends the same. */
  readonly seed: number;
}

/** What came of a steady load. */
export interface SteadyResult {
  readonly offered: number;
  readonly decided: number;
  /** Decided a second while the load lasted; what is answered after it is in `decided` only. */
  readonly perSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  /** Of each whole slice of the time, a quarter of a second where the load is shorter than half a minute: p99 of what was due in it, 0 without any. */
  readonly slices: readonly { readonly fromMs: number; readonly p99Ms: number }[];
  /** Events that the listeners were told meanwhile. */
  readonly liveEvents: number;
  /** By id of the error. */
  readonly failures: Readonly<Record<string, number>>;
  /** Share of the time in which the busiest sending thread worked, 0 to 1. */
  readonly generatorBusy: number;
  /** Seconds of processor time of its sending threads. */
  readonly generatorCpuSeconds: number;
  /** The generator could not keep up: latencies are its own. */
  readonly isSaturated: boolean;
}

const timeoutMs = 10_000;
/** Later than this the generator is taken for the slow one. */
const latenessMs = 50;

/** A crowd that has joined and stays connected, for one steady load after another. */
export class LoadSession {
  readonly #generator: LoadGenerator;
  readonly #options: LoadSessionOptions;

  private constructor(generator: LoadGenerator, options: LoadSessionOptions) {
    this.#generator = generator;
    this.#options = options;
  }

  /**
   * Has the players join and opens the connections. Throws load-target-invalid, what `LoadGenerator.start`
   * throws, and `ProblemError` when players cannot join.
   */
  static async open(options: LoadSessionOptions): Promise<LoadSession> {
    const { hunt, scanCodes, players, connections, live, signal } = options;
    const target = targetOf(options.baseUrl);
    const runId = `load-${randomBytes(4).toString('hex')}`;
    const tokens = await joinPlayers({
      ...{
        baseUrl: target.url,
        hunt: hunt.id,
        isSolo: hunt.teamSize === 1,
        players,
        runId,
        signal,
      },
    });
    const generator = await LoadGenerator.start({
      ...{ target: target.address, connections, live, threads: 1, timeoutMs },
      crowd: { hunt, scanCodes, tokens, authority: target.authority, runId },
    });
    return new LoadSession(generator, options);
  }

  /** Throws load-action-impossible, load-generator-failed, and the reason of the signal. */
  async run({ mix, perSecond, forMs, seed }: SteadyLoad): Promise<SteadyResult> {
    const steady = { curve: 'steady', rate: perSecond, peak: perSecond, counts: true } as const;
    const plan = { ...this.#plan(mix), seed, phases: [{ ...steady, durationMs: forMs }] };
    const from = performance.now();
    const record = await this.#generator.run(plan, undefined, this.#options.signal);
    const { offered, decided, latency, failures, live, threads } = record;
    const seconds = Math.max(forMs, performance.now() - from - headStartMs) / 1_000;
    return {
      ...{ offered, decided, failures, liveEvents: live.events },
      perSecond: steadyRate(record, forMs),
      generatorCpuSeconds: threads.reduce((sum, { cpu }) => sum + cpu, 0) * seconds,
      p50Ms: latency.quantile(0.5),
      p99Ms: latency.quantile(0.99),
      slices: record.slices.slice(0, Math.floor(forMs / record.sliceMs)).map((slice, index) => ({
        fromMs: index * record.sliceMs,
        p99Ms: slice.latency.quantile(0.99),
      })),
      generatorBusy: Math.max(0, ...threads.map(({ busy }) => busy)),
      isSaturated: saturationOf(record, latenessMs).length > 0,
    };
  }

  #plan(mix: SteadyLoad['mix']): ArrivalPlan {
    const { hunt, players } = this.#options;
    const weights = { ...nothing, ...mix };
    checkActions(weights, hunt);
    return { seed: 1, spacing: 'poisson', phases: [], mix: weights, players, trace: undefined };
  }

  close(): Promise<void> {
    return this.#generator.close();
  }
}

const nothing: Readonly<Record<Action, number>> = {
  ...{ 'answer-right': 0, 'answer-wrong': 0, scan: 0, 'check-in': 0, hint: 0, claim: 0 },
  ...{ join: 0, standings: 0, progress: 0 },
};
