import type { Action, CurveName } from './scenario-shape.ts';

/** A stretch of time with one curve of arrivals. Rates are per second. */
export interface Phase {
  readonly curve: CurveName;
  readonly durationMs: number;
  readonly rate: number;
  /** The other end of the curve; the same as `rate` for a steady one. */
  readonly peak: number;
  /** False for a warm-up: sent and shown, not judged. */
  readonly counts: boolean;
}

/** A part of a recorded contest. */
export interface TraceWindow {
  /** As written: relative to the scenario. */
  readonly file: string;
  readonly speed: number;
  readonly fromMs: number;
  /** Infinite: all that is left. */
  readonly forMs: number;
}

/** An upper limit for a quantile of latencies. */
export interface LatencyObjective {
  /** As in the scenario: `p99`. */
  readonly name: string;
  readonly quantile: number;
  readonly mostMs: number;
}

export interface Objectives {
  readonly latencies: readonly LatencyObjective[];
  /** Most, as a share of all arrivals. */
  readonly errors: number | undefined;
  /** Least, as a share of all arrivals. */
  readonly goodput: number | undefined;
}

export interface KneeSearchSettings {
  /** Arrivals a second. */
  readonly from: number;
  readonly most: number;
  readonly stepMs: number;
  /** Relative width of the interval that is left at the end. */
  readonly precision: number;
}

/** A scenario that compiles: plain data, complete with its defaults. */
export interface Scenario {
  readonly name: string;
  /** As written: relative to the scenario. */
  readonly hunt: string | undefined;
  readonly seed: number;
  /** 0: as many as the trace has teams. */
  readonly players: number;
  /** 0: as many as the trace needs. */
  readonly connections: number;
  readonly live: number;
  readonly timeoutMs: number;
  readonly spacing: 'poisson' | 'even';
  /** Empty when there is a trace. */
  readonly phases: readonly Phase[];
  readonly trace: TraceWindow | undefined;
  readonly mix: Readonly<Record<Action, number>>;
  readonly objectives: Objectives;
  readonly threads: number;
  readonly latenessMs: number;
  readonly knee: KneeSearchSettings;
}

/** Answers that may be on their way while an objective still holds (Little's law), with room to spare. */
export function connectionsFor(perSecond: number, answerMs: number): number {
  return Math.max(32, Math.ceil((perSecond * answerMs) / 500));
}
