import type { Clock } from '../clock.ts';
import {
  type AssignmentChange,
  type AssignmentSettings,
  defaultAssignmentSettings,
} from './assignment.ts';
import type { ConfigSource } from './config-source.ts';
import type { Coordinator } from './coordinator.ts';
import { defaultHealthSettings, type HealthSettings } from './health-judge.ts';
import { LeaderDuties } from './leader-duties.ts';
import { Leadership } from './leadership.ts';
import type { Life, Lifelines } from './lifelines.ts';
import type { PeerEncryption } from './peer-encryption.ts';
import { RequestsDesk } from './requests-desk.ts';
import { defaultScaleSettings, type ScaleSettings } from './scale-advisor.ts';

export interface CoordinatorRoleSettings {
  readonly assignment: AssignmentSettings;
  readonly health: HealthSettings;
  /** Time between two looks at the loads. */
  readonly roundMs: number;
  /** For how long a partition stays where it is after it moved, unless something is wrong. */
  readonly cooldownMs: number;
  /**
   * For how long to wait for others when nobody was assigned yet, or when several nodes and more than half of those
   * that have partitions are gone at once: then it was the service that was away, and they come back.
   */
  readonly settleMs: number;
  /** An owner that was asked to hand over and has not after this long is passed over. */
  readonly handOverMs: number;
  /** A copy is ready to take over with at most this many events to catch up. */
  readonly readyLagMax: number;
  /** In a partition's mean cost the weight of a report halves in this time. */
  readonly costHalfLifeMs: number;
  readonly scale: ScaleSettings;
  /** For how long the same nodes have to be there, all knowing a higher level, before the cluster goes to it. */
  readonly raiseLevelAfterMs: number;
  /** Time between two reports of what the leader sees. */
  readonly leaderReportMs: number;
}

const defaultCoordinatorRoleSettings: CoordinatorRoleSettings = {
  assignment: defaultAssignmentSettings,
  health: defaultHealthSettings,
  roundMs: 500,
  cooldownMs: 20_000,
  settleMs: 3_000,
  handOverMs: 2_000,
  readyLagMax: 1_000,
  costHalfLifeMs: 10_000,
  scale: defaultScaleSettings,
  raiseLevelAfterMs: 60_000,
  leaderReportMs: 2_000,
};

export interface CoordinatorRoleOptions {
  readonly coordinator: Coordinator;
  /** Where operators ask for moves, and where the level is; without one nobody can, and it stays. */
  readonly config?: ConfigSource;
  readonly clock: Clock;
  readonly nodeId: string;
  /** Where this process can be held on to while it leads. */
  readonly address?: string;
  /** How it can. */
  readonly encryption?: PeerEncryption;
  /** Without these a process that dies is missed only once it has been silent for long. */
  readonly lifelines?: Lifelines;
  readonly partitionCount: number;
  /** Members with this role take partitions. */
  readonly ownerRole: string;
  /** Roles in which each partition is worked for by one member that has them; see `Assignment.shares`. */
  readonly sharedRoles?: readonly string[];
  /** Roles that get advice on how many nodes they need, with the most that they have any use for. */
  readonly scaled?: ReadonlyMap<string, number>;
  readonly settings?: Partial<CoordinatorRoleSettings>;
  /** The assignment was changed, and why; told on the leader. */
  readonly changed?: (changes: readonly AssignmentChange[]) => void;
  /** The level of the cluster was raised; told on the leader. */
  readonly raised?: (level: number) => void;
  /** `veltrix-partition-stuck`, `veltrix-node-not-responsive`, and what the coordinator port has. */
  readonly problem?: (error: Error) => void;
}

/** Stands for election, and while it leads, keeps the assignment in step with the cluster. */
export class CoordinatorRole {
  readonly #options: CoordinatorRoleOptions;
  #resign: () => void = () => {};
  #desk: RequestsDesk | undefined;
  #leadership: Leadership | undefined;
  #letGo: () => void = () => {};
  /** Whose process is held on to: that of the latest leader. */
  #followed = '';
  /** The node that led last, when it died. */
  #died: string | undefined;
  #duties: LeaderDuties | undefined;

  constructor(options: CoordinatorRoleOptions) {
    this.#options = options;
  }

  get isLeader(): boolean {
    return this.#leadership !== undefined;
  }

  start(): void {
    const { coordinator, config, nodeId, address = '', encryption } = this.#options;
    const problem = (error: Error) => this.#options.problem?.(error);
    const desk = new RequestsDesk({ config, nodeId, problem });
    this.#desk = desk;
    this.#resign = coordinator.campaign({
      place: { nodeId, address, ...(encryption && { encryption }) },
      led: (leader, depose) => this.#follow(leader, depose),
      elected: () => this.#lead(desk, problem),
      deposed: () => this.#end(),
      problem,
    });
  }

  /** Somebody else leads: should its process die, its office is taken at once. */
  #follow(leader: Life, depose: () => void): void {
    const { nodeId, instance } = leader;
    if (instance === this.#followed) return;
    this.#letGo();
    this.#followed = instance;
    this.#died = undefined;
    const hold = this.#options.lifelines?.hold(leader, () => {
      // Others may have been quicker, and have had this node elected.
      if (this.#leadership) this.#leadership.died(nodeId);
      else this.#died = nodeId;
      depose();
    });
    this.#letGo = hold ?? (() => {});
  }

  /** Lays down the office, so that another node takes over at once. */
  stop(): void {
    this.#end();
    this.#letGo();
    this.#resign();
    this.#desk?.stop();
  }

  #lead(desk: RequestsDesk, problem: (error: Error) => void): void {
    const { config, scaled = new Map() } = this.#options;
    const settings = { ...defaultCoordinatorRoleSettings, ...this.#options.settings };
    const duties = new LeaderDuties({
      ...this.#options,
      ...{ config, scaled, problem },
      scale: settings.scale,
      raiseAfterMs: settings.raiseLevelAfterMs,
      reportMs: settings.leaderReportMs,
      raised: (level) => this.#options.raised?.(level),
    });
    this.#duties = duties;
    this.#leadership = new Leadership({
      ...this.#options,
      ...{ problem, settings },
      sharedRoles: this.#options.sharedRoles ?? [],
      changed: (changes) => this.#options.changed?.(changes),
      observed: (seen) => duties.observe(seen),
      requests: () => desk.present,
      rebalanced: () => desk.rebalanced(),
    });
    if (this.#died !== undefined) this.#leadership.died(this.#died);
    this.#died = undefined;
  }

  #end(): void {
    this.#leadership?.end();
    this.#leadership = undefined;
    this.#duties?.end();
    this.#duties = undefined;
  }
}
