import { type Clock, type CodedError, type LogIdentity, nearestName } from 'veltrix';
import {
  type ClusterRequests,
  type ConfigDocument,
  type ConfigSource,
  type Coordinator,
  clusterRequestsKey,
  clusterViewOf,
  decodeRequests,
  defaultAssignmentSettings,
  emptyAssignment,
  encodeRequests,
  type LeaderReport,
  type Member,
  noRequests,
  planRebalance,
  type RebalancePlan,
  type RoleAdvice,
  type VersionedAssignment,
} from 'veltrix/cluster';
import { engineErrors } from '../errors.ts';
import { type ClusterReading, type ClusterStatus, ownerRole, statusOf } from './cluster-status.ts';
import { PresentMembers } from './present-members.ts';

export interface ClusterControlParts {
  /** Both over one session, which ends when the coordinator is closed. */
  readonly coordinator: Coordinator;
  readonly config: ConfigSource;
  readonly plan: LogIdentity;
  readonly level: number;
  /** For messages. */
  readonly place: string;
  readonly by: string;
  readonly clock: Clock;
  readonly answerTimeoutMs: number;
}

export interface Wait {
  /** 0 does not wait. */
  readonly timeoutMs: number;
  /** Told now and then what is still to come. */
  readonly progress?: (text: string) => void;
  /** Ends the wait; what was asked for stands. */
  readonly signal?: AbortSignal;
}

/** What became of a wish. */
interface Outcome {
  /** Whether it was seen to be done; false where nobody waited for so long. */
  readonly done: boolean;
}

const pollMs = 200;
/** Others may be changing the wishes, too. */
const triesMax = 5;

/**
 * What operators see of a cluster and ask of it. Wishes are written down for whoever leads: they outlast this command
 * and the leader, and hold until they are taken back.
 */
export class ClusterControl {
  readonly #parts: ClusterControlParts;
  readonly #members: PresentMembers;

  constructor(parts: ClusterControlParts) {
    this.#parts = parts;
    this.#members = new PresentMembers(parts);
  }

  close(): Promise<void> {
    this.#members.stop();
    return new Promise((resolve) => this.#parts.coordinator.close(resolve));
  }

  async status(): Promise<ClusterStatus> {
    return statusOf(await this.#read());
  }

  /**
   * The node gives away what it has, and takes nothing until that is taken back. Rejects with
   * `engine-cluster-node-unknown`, `engine-cluster-role-missing`, `engine-cluster-last-owner`,
   * `engine-cluster-not-yet`, and what writing has.
   */
  async drain(node: string, wait: Wait): Promise<Outcome> {
    const reading = await this.#read();
    const member = ownerNamed(reading, node);
    const isThere = (other: Member) =>
      other !== member && other.roles.includes(ownerRole) && !isDraining(reading, other.nodeId);
    if (!reading.members.some(isThere)) {
      throw engineErrors.create('engine-cluster-last-owner', { node });
    }
    await this.#change(`drain ${node}`, (requests) =>
      requests.drain.includes(node)
        ? requests
        : { ...requests, drain: [...requests.drain, node].sort() },
    );
    return this.#until(wait, (now) => {
      const owned = now.assignment?.partitions.filter(({ owner }) => owner === node).length ?? 0;
      const still = now.loads.get(node)?.partitions.filter(({ part }) => part === 'owner').length;
      const count = Math.max(owned, still ?? 0);
      return count === 0 ? undefined : `${node} owns ${count}`;
    });
  }

  /** Rejects with `engine-cluster-nothing-to-do`, and what writing has. */
  async cancelDrain(node: string): Promise<void> {
    await this.#change(`cancel the drain of ${node}`, (requests) => {
      if (!requests.drain.includes(node)) {
        throw nothingToDo(`nobody asked that ${node} drains`);
      }
      return { ...requests, drain: requests.drain.filter((other) => other !== node) };
    });
  }

  /**
   * The partition goes to the node, and stays there while it can, until that is taken back. Rejects with
   * `engine-cluster-partition-unknown`, `engine-cluster-node-unknown`, `engine-cluster-role-missing`,
   * `engine-cluster-node-draining`, `engine-cluster-nothing-to-do`, `engine-cluster-not-yet`, and what writing has.
   */
  async move(partition: number, node: string, wait: Wait): Promise<Outcome> {
    const reading = await this.#read();
    this.#checkPartition(partition);
    ownerNamed(reading, node);
    if (isDraining(reading, node)) {
      throw engineErrors.create('engine-cluster-node-draining', { node });
    }
    const isPinned = reading.requests.pins.get(partition) === node;
    if (isPinned && reading.assignment?.partitions[partition]?.owner === node) {
      throw nothingToDo(`partition ${partition} is on ${node}, and is to stay there`);
    }
    await this.#change(`move ${partition} ${node}`, (requests) => ({
      ...requests,
      pins: new Map([...requests.pins, [partition, node]]),
    }));
    return this.#until(wait, (now) => {
      const owner = now.assignment?.partitions[partition]?.owner;
      const owned = now.loads.get(node)?.partitions.find((row) => row.partition === partition);
      if (owner === node && owned?.part === 'owner') return undefined;
      return `partition ${partition} is on ${owner ?? 'no node'}`;
    });
  }

  /** The partition stays where it is, and may be moved again. Rejects as `cancelDrain`, and for unknown partitions. */
  async cancelMove(partition: number): Promise<void> {
    this.#checkPartition(partition);
    await this.#change(`cancel the move of ${partition}`, (requests) => {
      if (!requests.pins.has(partition)) {
        throw nothingToDo(`nobody asked that partition ${partition} is anywhere`);
      }
      const pins = new Map([...requests.pins].filter(([pinned]) => pinned !== partition));
      return { ...requests, pins };
    });
  }

  /** What `rebalance` would move, and why. Nothing is written. Rejects with `engine-cluster-leaderless`. */
  async planRebalance(): Promise<RebalancePlan> {
    const { members, loads, requests, report, assignment } = await this.#read();
    // Without a leader nobody knows who is silent or stuck.
    if (report === undefined) throw engineErrors.create('engine-cluster-leaderless');
    const { partitionCount } = this.#parts.plan;
    const costs = Array.from({ length: partitionCount }, () => 0);
    const seenEpochs = Array.from({ length: partitionCount }, () => 0);
    for (const { partitions } of loads.values()) {
      for (const { partition, part, epoch, cost } of partitions) {
        if (partition >= partitionCount) continue;
        seenEpochs[partition] = Math.max(seenEpochs[partition]!, epoch);
        if (part === 'owner') costs[partition] = cost;
      }
    }
    const stuck = new Map<number, Set<string>>();
    for (const { partition, nodeId } of report.stuck) {
      stuck.set(partition, (stuck.get(partition) ?? new Set()).add(nodeId));
    }
    const view = clusterViewOf({
      ...{ members, loads, requests, ownerRole, costs, seenEpochs, stuck },
      readyLagMax: Number.POSITIVE_INFINITY,
      isResponsive: (node) => !report.silent.includes(node),
      hasReported: (node) => loads.has(node),
      isOverdue: () => false,
      isRested: () => true,
    });
    const present = assignment ?? emptyAssignment(partitionCount);
    return planRebalance(present, view, defaultAssignmentSettings);
  }

  /** Has the leader share out the load now. Rejects with `engine-cluster-leaderless`, `engine-cluster-not-yet`. */
  async rebalance(wait: Wait): Promise<Outcome> {
    if ((await this.#read()).report === undefined) {
      throw engineErrors.create('engine-cluster-leaderless');
    }
    await this.#change('rebalance', (requests) => ({ ...requests, rebalance: true }));
    return this.#until(wait, ({ requests, assignment }) => {
      const moving = assignment?.partitions.filter(({ next }) => next !== undefined).length ?? 0;
      return requests.rebalance ? `${moving} partitions are moving` : undefined;
    });
  }

  /** How many nodes each role should have, by the leader. Rejects with `engine-cluster-leaderless`. */
  async scale(): Promise<readonly RoleAdvice[]> {
    const { coordinator } = this.#parts;
    const report = await this.#answer<LeaderReport>((done) => coordinator.readLeaderReport(done));
    if (report === undefined) throw engineErrors.create('engine-cluster-leaderless');
    return report.scale;
  }

  #checkPartition(partition: number): void {
    const { partitionCount: count } = this.#parts.plan;
    if (Number.isInteger(partition) && partition >= 0 && partition < count) return;
    throw engineErrors.create('engine-cluster-partition-unknown', { partition, count });
  }

  /** What somebody edited by hand is a problem of the reading; everything else is read all the same. */
  async #read(): Promise<ClusterReading> {
    const { coordinator, config, plan, level, place } = this.#parts;
    const problems: Error[] = [];
    const orProblem = async <T>(what: Promise<T | undefined>): Promise<T | undefined> => {
      try {
        return await what;
      } catch (error) {
        if ((error as CodedError).id !== 'veltrix-coordination-damaged') throw error;
        problems.push(error as Error);
        return undefined;
      }
    };
    const requests = this.#answer<ConfigDocument>((done) => config.read(clusterRequestsKey, done))
      // One that is not there is no wish.
      .then((document) => (document === undefined ? noRequests : decodeRequests(document.value)));
    const [{ members, problems: unread }, assignment, report, wishes = noRequests] =
      await Promise.all([
        this.#members.read(),
        orProblem(this.#answer<VersionedAssignment>((done) => coordinator.readAssignment(done))),
        this.#answer<LeaderReport>((done) => coordinator.readLeaderReport(done)),
        orProblem(requests),
      ]);
    problems.push(...unread);
    const nodeIds = members.map(({ nodeId }) => nodeId);
    const loads = await this.#answer<Awaited<ClusterReading['loads']>>((done) =>
      coordinator.readLoads(nodeIds, done),
    );
    return {
      ...{ place, plan, level, members, assignment, report, problems, requests: wishes },
      loads: loads ?? new Map(),
    };
  }

  /** Wishes that cannot be read are not overwritten: `veltrix-coordination-damaged`. */
  async #change(what: string, edit: (requests: ClusterRequests) => ClusterRequests): Promise<void> {
    const { config, by } = this.#parts;
    for (let tries = 1; ; tries++) {
      const document = await this.#answer<ConfigDocument>((done) =>
        config.read(clusterRequestsKey, done),
      );
      const before = document === undefined ? noRequests : decodeRequests(document.value);
      const after = edit(before);
      if (after === before) return;
      const value = encodeRequests(after);
      const basedOn = document?.version ?? 0;
      const change = { key: clusterRequestsKey, value, basedOn, by, why: `hunt cluster: ${what}` };
      try {
        await this.#answer((done) => config.write(change, done));
        return;
      } catch (error) {
        const isConflict = (error as CodedError).id === 'veltrix-coordination-conflict';
        if (!isConflict || tries === triesMax) throw error;
      }
    }
  }

  /** Until `left` has nothing more to say. */
  async #until(
    { timeoutMs, progress, signal }: Wait,
    left: (reading: ClusterReading) => string | undefined,
  ): Promise<Outcome> {
    if (timeoutMs === 0) return { done: false };
    const until = performance.now() + timeoutMs;
    for (;;) {
      const reading = await this.#read();
      const what = left(reading);
      if (what === undefined) return { done: true };
      if (signal?.aborted) return { done: false };
      if (performance.now() >= until) {
        const seconds = timeoutMs / 1_000;
        const reason = reading.report === undefined ? `${what}, and nobody leads` : what;
        throw engineErrors.create('engine-cluster-not-yet', { seconds, what: reason });
      }
      progress?.(what);
      await new Promise<void>((resolve) => this.#parts.clock.after(pollMs, resolve));
    }
  }

  #answer<T>(
    ask: (done: (error: Error | undefined, value: T | undefined) => void) => void,
  ): Promise<T | undefined> {
    return new Promise((resolve, reject) =>
      ask((error, value) => (error ? reject(error) : resolve(value))),
    );
  }
}

function nothingToDo(reason: string): CodedError {
  return engineErrors.create('engine-cluster-nothing-to-do', { reason });
}

function ownerNamed({ members }: ClusterReading, node: string): Member {
  const member = members.find(({ nodeId }) => nodeId === node);
  if (member === undefined) {
    const names = members.map(({ nodeId }) => nodeId);
    const nearest = nearestName(node, names);
    const known = names.length === 0 ? 'no node is there' : `there are ${names.join(', ')}`;
    const hint = nearest === undefined ? known : `did you mean ${nearest}?`;
    throw engineErrors.create('engine-cluster-node-unknown', { node, hint });
  }
  if (!member.roles.includes(ownerRole)) {
    const details = { node, role: ownerRole, roles: member.roles.join(', ') };
    throw engineErrors.create('engine-cluster-role-missing', details);
  }
  return member;
}

function isDraining({ requests, loads }: ClusterReading, node: string): boolean {
  return requests.drain.includes(node) || loads.get(node)?.draining === true;
}
