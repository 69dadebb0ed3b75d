import type { LogIdentity } from '../log/log.ts';
import type { Assignment, VersionedAssignment } from './assignment-document.ts';
import type { LevelRange } from './cluster-level.ts';
import type { LeaderReport } from './leader-report.ts';
import type { Life } from './lifelines.ts';
import type { PeerEncryption } from './peer-encryption.ts';

/**
 * Where the nodes of a cluster meet: who is there, how they are, who leads, and which node has which
 * partition. Nothing of it is needed for correctness, which the epochs in the log give: while it is
 * away, owners go on and nothing moves.
 *
 * - **The plan comes first.** Whatever writes checks before that the place holds no other cluster; another
 *   plan is `veltrix-coordination-plan-mismatch`, and nothing was written.
 * - **Outages are waited out.** After an expired session a new one is opened, and membership, candidacy and
 *   watches are set up again by themselves. What calls back once (`done`) gives up after
 *   `answerTimeoutMs` with `veltrix-coordination-unavailable`, except `join`, which waits.
 * - **A watch shows the last value**, always; values that were replaced at once may be left out.
 * - Data that somebody edited by hand is `veltrix-coordination-damaged`; the value before it stands.
 *
 * Calls back, never from within the call itself. All adapters run `coordinator.contract.ts`.
 */
export interface Coordinator {
  /**
   * Registers this node for as long as its session lives, and again in each new one. An entry that a
   * former life of the node left is waited for; one that stays is `veltrix-coordination-node-taken`.
   * At most once per coordinator.
   */
  join(member: MemberDescription, done: (error?: Error) => void): void;
  /**
   * Replaces the load this node shows. Call it at a fixed interval: while one report is on its way only
   * the latest of the others is kept.
   */
  report(load: LoadReport): void;
  /** Shows the members, by node id, at each change. For the leader: others find in the assignment what they need. */
  watchMembers(watcher: Watcher<readonly Member[]>): () => void;
  /** The latest reports of these nodes; those without a readable one are left out. */
  readLoads(
    nodeIds: readonly string[],
    done: (error: Error | undefined, loads: ReadonlyMap<string, LoadReport>) => void,
  ): void;
  /** Stands for election until the returned function is called, which also lays down the office. */
  campaign(candidate: Candidate): () => void;
  /** Replaces what the leader shows of what it sees. Written and kept as `report`. */
  reportAsLeader(report: LeaderReport): void;
  /** Undefined while nobody leads, or nothing readable is there. */
  readLeaderReport(
    done: (error: Error | undefined, report: LeaderReport | undefined) => void,
  ): void;
  readAssignment(
    done: (error: Error | undefined, present: VersionedAssignment | undefined) => void,
  ): void;
  /** Undefined while there is none. */
  watchAssignment(watcher: Watcher<VersionedAssignment | undefined>): () => void;
  /**
   * Replaces the assignment if it still is `base` (undefined: if there is none); otherwise
   * `veltrix-coordination-conflict`. A document that takes an epoch back, or does not fit the plan, is
   * `veltrix-assignment-invalid`. After `veltrix-coordination-unavailable` it may have been written.
   */
  writeAssignment(
    base: VersionedAssignment | undefined,
    next: Assignment,
    done: (error: Error | undefined, written: VersionedAssignment | undefined) => void,
  ): void;
  /** Told of each change. The first `connected` comes when the service first answers. */
  onSession(listener: (state: SessionState) => void): void;
  /** Lays down everything: the node is gone for the others at once, if they can be told. Safe to call twice. */
  close(done: () => void): void;
}

/**
 * `disconnected`: out of touch, the others still see us. `expired`: nothing of ours is left there, by the
 * service's word or because nothing was heard for as long as a session lasts.
 */
export type SessionState = 'connected' | 'disconnected' | 'expired';

export interface Watcher<T> {
  readonly changed: (value: T) => void;
  /** The latest value could not be read, and why; `changed` follows when it can. */
  readonly problem?: (error: Error) => void;
}

export interface Candidate {
  /** What the others are told of it while it leads. */
  readonly place?: Omit<Life, 'instance'>;
  /**
   * Another one leads. `depose` takes its office for whoever knows that its process has died; it does nothing
   * once somebody else leads.
   */
  readonly led?: (leader: Life, depose: () => void) => void;
  readonly elected: () => void;
  /** Somebody else may lead from now on. Can be late: what a leader writes is compared and set. */
  readonly deposed: () => void;
  readonly problem?: (error: Error) => void;
}

/** What a node says of itself when it joins. */
export interface MemberDescription {
  /** 1 to 64 letters, digits, dots, underscores and hyphens; starts with a letter or digit. */
  readonly nodeId: string;
  /** Where the other roles reach it. */
  readonly address: string;
  readonly roles: readonly string[];
  readonly release: string;
  /** What it can work at; the first level only unless told. */
  readonly levels?: LevelRange;
  /** How it speaks with others; releases that know of one way only do not say. */
  readonly encryption?: PeerEncryption;
  /** What fails together: rack, machine, data centre. Empty when nothing is known. */
  readonly zone: string;
  /** Strength in relation to the other nodes; 1 is usual, more than 0. */
  readonly capacity: number;
}

export interface Member extends MemberDescription {
  readonly levels: LevelRange;
  /** Another one after each start of the process. */
  readonly instance: string;
  readonly plan: LogIdentity;
}

/** How a node is. A few hundred bytes, and about forty for each partition it holds. */
export interface LoadReport {
  readonly instance: string;
  /** Grows with each report: the heartbeat. */
  readonly sequence: number;
  /** Share of the machine's cores this process used since the last report, 0 to 1. */
  readonly cpu: number;
  /** The 99th percentile since the last report, or how long the loop has been blocked by now. */
  readonly eventLoopDelayMs: number;
  /** The node wants to give away what it has. */
  readonly draining: boolean;
  readonly partitions: readonly PartitionReport[];
}

export interface PartitionReport {
  readonly partition: number;
  readonly part: 'owner' | 'standby';
  /** The highest epoch this node has read in the partition's log. */
  readonly epoch: number;
  /** Differs whenever anything was folded; wraps at 2^32. */
  readonly progress: number;
  /** Records that wait to be folded or decided. */
  readonly waiting: number;
  /** Age of the oldest of them. */
  readonly queueAgeMs: number;
  /** Events between what is folded and the end of the log. */
  readonly lag: number;
  /** Milliseconds of folding per second. */
  readonly cost: number;
}
