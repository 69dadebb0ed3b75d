import type { Clock } from 'veltrix';
import type { Live } from 'veltrix/config';
import { Brownout } from 'veltrix/resilience';

/** What was seen within one window. */
export interface PressureFacts {
  /** Commands turned away for lack of room. */
  readonly refused: number;
  readonly decided: number;
  /** How late the loop turned, on average. */
  readonly loopDelayMs: number;
  /** How long the oldest command has waited for its decision. */
  readonly oldestMs: number;
}

interface PressureLimits {
  readonly brownoutDelayMs: number;
  readonly brownoutAgeMs: number;
}

/** What a gateway can be short of: turns of its loop, decisions, room for commands. */
export const pressureKinds = ['loop-delay', 'command-age', 'refusals'] as const;
export type PressureKind = (typeof pressureKinds)[number];
export type Pressures = Readonly<Record<PressureKind, number>>;

/** Levels at which something is left out. */
export const brownoutLevels = [1, 2, 3] as const;

/** This share of commands that is turned away is as much as can be borne. */
const refusedShare = 0.01;

/**
 * 1 where it is as much as can be borne; the greatest counts. Where nothing is decided at all something is broken,
 * and leaving out reads mends nothing: then only the loop counts.
 */
export function pressuresOf(facts: PressureFacts, limits: PressureLimits): Pressures {
  const { refused, decided, loopDelayMs, oldestMs } = facts;
  const ofLoop = loopDelayMs / limits.brownoutDelayMs;
  if (decided === 0) return { 'loop-delay': ofLoop, 'command-age': 0, refusals: 0 };
  return {
    'loop-delay': ofLoop,
    'command-age': oldestMs / limits.brownoutAgeMs,
    refusals: refused / (refused + decided) / refusedShare,
  };
}

function greatest(pressures: Pressures): number {
  return Math.max(...pressureKinds.map((kind) => pressures[kind]));
}

export interface BrownoutWatchOptions {
  readonly clock: Pick<Clock, 'after'>;
  /** Milliseconds of a clock that does not jump. */
  readonly now: () => number;
  readonly config: Live<
    PressureLimits & {
      readonly brownoutLeast: number;
      readonly brownoutMost: number;
      readonly brownoutPushFactor: number;
      readonly brownoutFreshMs: number;
    }
  >;
  /** Counted since the start, and the oldest as of now. */
  readonly seen: () => Omit<PressureFacts, 'loopDelayMs'>;
  readonly onLevel: (level: number, pressure: number) => void;
}

/** At it reads give way. */
const readsLevel = 3;
const tickMs = 100;
const ticksPerWindow = 10;

/**
 * What a gateway leaves out under lasting pressure, in this order: from level 1 standings are pushed less
 * often, from level 2 they are read less often, at level 3 as many reads are turned away as there is no room for.
 * Commands are never its business: admission turns them away, last.
 */
export class BrownoutWatch {
  readonly #options: BrownoutWatchOptions;
  readonly #brownout: Brownout;
  #cancel: (() => void) | undefined;
  #delaysMs = 0;
  #ticks = 0;
  #before: Omit<PressureFacts, 'loopDelayMs'> | undefined;
  #level = 0;
  /** Of the last window. */
  pressures: Pressures = { 'loop-delay': 0, 'command-age': 0, refusals: 0 };
  /** Milliseconds spent at each level since the start. */
  readonly spentMs = { 1: 0, 2: 0, 3: 0 };

  constructor(options: BrownoutWatchOptions) {
    this.#options = options;
    const { config } = options;
    this.#brownout = new Brownout(
      () => ({ least: this.least, most: config.current.brownoutMost }),
      readsLevel,
    );
  }

  /** Level that holds whatever the pressure. */
  get least(): number {
    const { brownoutLeast, brownoutMost } = this.#options.config.current;
    return Math.min(brownoutLeast, brownoutMost);
  }

  get level(): number {
    return this.#brownout.level;
  }

  /** So many times the usual interval lies between two pushes of standings. */
  get pushFactor(): number {
    return this.level >= 1 ? this.#options.config.current.brownoutPushFactor : 1;
  }

  /** How long standings that were read are shown although newer ones may be there; undefined: not at all. */
  get freshMs(): number | undefined {
    return this.level >= 2 ? this.#options.config.current.brownoutFreshMs : undefined;
  }

  /** Share of the reads that are answered, 0 to 1: none where level 3 is pinned. */
  get servedReads(): number {
    return this.#brownout.served;
  }

  /** Whether the next read is answered. */
  admitsRead(): boolean {
    return this.#brownout.admits();
  }

  start(): void {
    if (this.#cancel === undefined) this.#tickAfter(this.#options.now());
  }

  stop(): void {
    this.#cancel?.();
    this.#cancel = undefined;
  }

  #tickAfter(now: number): void {
    this.#cancel = this.#options.clock.after(tickMs, () => {
      const then = this.#options.now();
      this.#delaysMs += Math.max(0, then - now - tickMs);
      const level = brownoutLevels.find((one) => one === this.level);
      if (level !== undefined) this.spentMs[level] += then - now;
      this.#ticks += 1;
      if (this.#ticks >= ticksPerWindow) this.#endWindow();
      this.#tickAfter(then);
    });
  }

  #endWindow(): void {
    const { seen, config, onLevel } = this.#options;
    const now = seen();
    const { refused, decided } = this.#before ?? now;
    this.#before = now;
    const facts: PressureFacts = {
      refused: now.refused - refused,
      decided: now.decided - decided,
      loopDelayMs: this.#delaysMs / this.#ticks,
      oldestMs: now.oldestMs,
    };
    this.#delaysMs = 0;
    this.#ticks = 0;
    this.pressures = pressuresOf(facts, config.current);
    const pressure = greatest(this.pressures);
    this.#brownout.window(pressure);
    if (this.level === this.#level) return;
    this.#level = this.level;
    onLevel(this.#level, pressure);
  }
}
