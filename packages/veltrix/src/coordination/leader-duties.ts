import type { ConfigSource } from './config-source.ts';
import type { Coordinator, LoadReport, Member } from './coordinator.ts';
import { LevelKeeper } from './level-keeper.ts';
import { type RoleAdvice, ScaleAdvisor, type ScaleSettings } from './scale-advisor.ts';

/** What a leader saw in one round. */
export interface LeaderObservation {
  readonly members: readonly Member[];
  readonly loads: ReadonlyMap<string, LoadReport>;
  readonly draining: ReadonlySet<string>;
  readonly silent: readonly string[];
  readonly stuck: ReadonlyMap<number, ReadonlySet<string>>;
  /** Since the last one. */
  readonly elapsedMs: number;
}

export interface LeaderDutiesOptions {
  readonly coordinator: Coordinator;
  readonly config: ConfigSource | undefined;
  readonly nodeId: string;
  /** Roles that get advice on how many nodes they need, with the most that they have any use for. */
  readonly scaled: ReadonlyMap<string, number>;
  readonly scale: ScaleSettings;
  readonly raiseAfterMs: number;
  readonly reportMs: number;
  readonly raised: (level: number) => void;
  readonly problem: (error: Error) => void;
}

/** What a leader does besides the assignment: it says what it sees, and raises the level after an upgrade. */
export class LeaderDuties {
  readonly #options: LeaderDutiesOptions;
  readonly #advisor: ScaleAdvisor;
  readonly #levels: LevelKeeper | undefined;
  #unsaidMs: number;

  constructor(options: LeaderDutiesOptions) {
    this.#options = options;
    this.#advisor = new ScaleAdvisor(options.scale, options.scaled);
    this.#unsaidMs = options.reportMs;
    const { config } = options;
    this.#levels = config && new LevelKeeper({ ...options, config });
  }

  end(): void {
    this.#levels?.end();
  }

  observe(seen: LeaderObservation): void {
    const { members, loads, draining, elapsedMs } = seen;
    this.#levels?.observe(members, elapsedMs);
    const scale = this.#advisor.observe(members, loads, draining, elapsedMs);
    this.#unsaidMs += elapsedMs;
    if (this.#unsaidMs < this.#options.reportMs) return;
    this.#unsaidMs = 0;
    this.#report(seen, scale);
  }

  #report({ silent, stuck }: LeaderObservation, scale: readonly RoleAdvice[]): void {
    const { coordinator, nodeId } = this.#options;
    const places = [...stuck].flatMap(([partition, nodes]) =>
      [...nodes].map((node) => ({ partition, nodeId: node })),
    );
    coordinator.reportAsLeader({ leader: nodeId, silent, stuck: places, scale });
  }
}
