import assert from 'node:assert/strict';
import type { CodedError } from '../../coded-error.ts';
import type { LogIdentity } from '../../log/log.ts';
import {
  type Assignment,
  emptyAssignment,
  type PartitionAssignment,
  type VersionedAssignment,
} from '../assignment-document.ts';
import type { Coordinator, LoadReport, Member, MemberDescription } from '../coordinator.ts';

/** One place where nodes meet, and power over what happens to it. */
export interface CoordinatorHarness {
  /** A coordinator as a process of its own would open it. */
  open(plan?: LogIdentity): Coordinator;
  /** The service ends its session, as after a long silence. */
  expire(coordinator: Coordinator): void | Promise<void>;
  /** Somebody edits a node of the tree by hand; undefined removes it. */
  edit(path: string, text: string | undefined): void | Promise<void>;
  /** Everything that is there, by path; what a stranger would see. */
  paths(): string[] | Promise<string[]>;
  /** Lets things happen until the condition holds. */
  until(condition: () => boolean): Promise<void>;
  dispose(): void | Promise<void>;
}

export const contractPlan: LogIdentity = {
  logId: '0123456789abcdef0123456789abcdef',
  partitionCount: 3,
  dedupeWindow: 1024,
};

export type CoordinatorPromises = Readonly<
  Record<string, (harness: CoordinatorHarness) => Promise<void>>
>;

export function nodeNamed(nodeId: string): MemberDescription {
  return {
    nodeId,
    address: `${nodeId}.example:4000`,
    roles: ['processor', 'gateway'],
    release: '1.2.3',
    levels: { least: 1, most: 3 },
    encryption: 'accept',
    zone: 'rack-1',
    capacity: 1,
  };
}

export function loadOf(sequence: number, progress = 0): LoadReport {
  const row = { partition: 1, epoch: 4, progress, waiting: 2, queueAgeMs: 30, lag: 5, cost: 12.5 };
  return {
    instance: 'life-1',
    sequence,
    cpu: 0.25,
    eventLoopDelayMs: 3,
    draining: false,
    partitions: [{ ...row, part: 'owner' }],
  };
}

export function assignmentOf(writer: string, ...rows: Partial<PartitionAssignment>[]): Assignment {
  const empty = emptyAssignment(contractPlan.partitionCount);
  const partitions = empty.partitions.map((row, partition) => ({ ...row, ...rows[partition] }));
  const shares = { views: [undefined, 'a', 'b'] };
  const encrypted = { 'a:1': true, 'b:1': false };
  return { partitions, addresses: { a: 'a:1', b: 'b:1' }, shares, encrypted, writer };
}

export async function answer<T>(
  harness: CoordinatorHarness,
  ask: (done: (error: Error | undefined, value?: T) => void) => void,
): Promise<T | undefined> {
  const outcomes: { error: Error | undefined; value: T | undefined }[] = [];
  ask((error, value) => outcomes.push({ error, value }));
  assert.equal(outcomes.length, 0, 'called back from within the call');
  await harness.until(() => outcomes.length > 0);
  assert.equal(outcomes.length, 1, 'called back more than once');
  const [outcome] = outcomes;
  if (outcome?.error) throw outcome.error;
  return outcome?.value;
}

export function join(harness: CoordinatorHarness, coordinator: Coordinator, nodeId: string) {
  return answer<undefined>(harness, (done) => coordinator.join(nodeNamed(nodeId), done));
}

export function write(
  harness: CoordinatorHarness,
  coordinator: Coordinator,
  base: VersionedAssignment | undefined,
  next: Assignment,
): Promise<VersionedAssignment | undefined> {
  return answer(harness, (done) => coordinator.writeAssignment(base, next, done));
}

/** What a watcher was shown, in order. */
export function recordMembers(coordinator: Coordinator) {
  const seen: { members: readonly Member[]; problems: string[]; names(): string; stop(): void } = {
    members: [],
    problems: [],
    names: () => seen.members.map((member) => member.nodeId).join(),
    stop: () => stop(),
  };
  const stop = coordinator.watchMembers({
    changed: (members) => {
      seen.members = members;
    },
    problem: (error) => seen.problems.push((error as CodedError).id),
  });
  return seen;
}

/** Reads the load of node-1 until it is as wanted. */
export async function loadOnce(
  harness: CoordinatorHarness,
  leader: Coordinator,
  isWanted: (load: LoadReport | undefined) => boolean,
  meanwhile: () => void,
): Promise<LoadReport | undefined> {
  for (let tries = 0; tries < 10_000; tries++) {
    meanwhile();
    const loads = await answer<ReadonlyMap<string, LoadReport>>(harness, (done) =>
      leader.readLoads(['node-1', 'node-2'], done),
    );
    assert.equal(loads?.has('node-2'), false);
    const load = loads?.get('node-1');
    if (isWanted(load)) return load;
  }
  throw new Error('the load was never as wanted');
}

export const code = (id: string) => (error: unknown) => (error as CodedError).id === id;
