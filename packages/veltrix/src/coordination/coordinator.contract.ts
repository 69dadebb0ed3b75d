import assert from 'node:assert/strict';
import { afterEach, beforeEach, suite, test } from 'node:test';
import type { CodedError } from '../coded-error.ts';
import type { LogIdentity } from '../log/log.ts';
import {
  type Assignment,
  emptyAssignment,
  type PartitionAssignment,
  type VersionedAssignment,
} from './assignment-document.ts';
import type {
  Coordinator,
  LoadReport,
  Member,
  MemberDescription,
  SessionState,
} from './coordinator.ts';

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

/** The promises of the `Coordinator` port, for every adapter. */
export function testCoordinatorContract(name: string, newHarness: () => CoordinatorHarness): void {
  suite(`coordinator contract: ${name}`, () => {
    let harness: CoordinatorHarness;
    beforeEach(() => {
      harness = newHarness();
    });
    afterEach(() => harness.dispose());
    for (const [title, body] of Object.entries(contract)) test(title, () => body(harness));
  });
}

function nodeNamed(nodeId: string): MemberDescription {
  return {
    nodeId,
    address: `${nodeId}.example:4000`,
    roles: ['processor', 'gateway'],
    release: '1.2.3',
    levels: { least: 1, most: 3 },
    zone: 'rack-1',
    capacity: 1,
  };
}

function loadOf(sequence: number, progress = 0): LoadReport {
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

function assignmentOf(writer: string, ...rows: Partial<PartitionAssignment>[]): Assignment {
  const empty = emptyAssignment(contractPlan.partitionCount);
  const partitions = empty.partitions.map((row, partition) => ({ ...row, ...rows[partition] }));
  return { partitions, addresses: { a: 'a:1', b: 'b:1' }, writer };
}

async function answer<T>(
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

function join(harness: CoordinatorHarness, coordinator: Coordinator, nodeId: string) {
  return answer<undefined>(harness, (done) => coordinator.join(nodeNamed(nodeId), done));
}

function write(
  harness: CoordinatorHarness,
  coordinator: Coordinator,
  base: VersionedAssignment | undefined,
  next: Assignment,
): Promise<VersionedAssignment | undefined> {
  return answer(harness, (done) => coordinator.writeAssignment(base, next, done));
}

/** What a watcher was shown, in order. */
function recordMembers(coordinator: Coordinator) {
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
async function loadOnce(
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

const code = (id: string) => (error: unknown) => (error as CodedError).id === id;

const contract: Record<string, (harness: CoordinatorHarness) => Promise<void>> = {
  'members are shown with what they said of themselves, and no longer once they close': async (
    harness,
  ) => {
    const [one, other, viewer] = [harness.open(), harness.open(), harness.open()];
    const seen = recordMembers(viewer);
    await join(harness, one, 'node-1');
    await join(harness, other, 'node-2');
    await harness.until(() => seen.names() === 'node-1,node-2');
    const { instance, plan, ...described } = seen.members[0]!;
    assert.deepEqual(described, nodeNamed('node-1'));
    assert.deepEqual(plan, contractPlan);
    assert.notEqual(instance, seen.members[1]!.instance);
    await answer(harness, (done) => one.close(() => done(undefined)));
    await harness.until(() => seen.names() === 'node-2');
  },

  'a node whose session expired is told, comes back by itself, and its watches still work': async (
    harness,
  ) => {
    const [node, viewer] = [harness.open(), harness.open()];
    const states: SessionState[] = [];
    node.onSession((state) => states.push(state));
    await join(harness, node, 'node-1');
    const seen = recordMembers(viewer);
    const seenByNode = recordMembers(node);
    await harness.until(() => seen.names() === 'node-1' && seenByNode.names() === 'node-1');
    await harness.expire(node);
    await harness.until(() => states.includes('expired') && states.at(-1) === 'connected');
    await join(harness, viewer, 'node-2');
    await harness.until(() => seen.names() === 'node-1,node-2');
    await harness.until(() => seenByNode.names() === 'node-1,node-2');
  },

  'a name that cannot be a node id is refused': async (harness) => {
    for (const nodeId of ['', 'a/b', '../x', 'ä', 'x'.repeat(65)]) {
      const coordinator = harness.open();
      await assert.rejects(join(harness, coordinator, nodeId), code('veltrix-node-id-invalid'));
    }
  },

  'a node id that stays in use is an error, and the first process keeps it': async (harness) => {
    const [first, second] = [harness.open(), harness.open()];
    await join(harness, first, 'node-1');
    const seen = recordMembers(first);
    await harness.until(() => seen.names() === 'node-1');
    const { instance } = seen.members[0]!;
    await assert.rejects(join(harness, second, 'node-1'), code('veltrix-coordination-node-taken'));
    assert.equal(seen.members[0]!.instance, instance);
  },

  'a node id is free once its former process is gone': async (harness) => {
    const [first, second] = [harness.open(), harness.open()];
    await join(harness, first, 'node-1');
    let isJoined = false;
    second.join(nodeNamed('node-1'), (error) => {
      assert.ifError(error);
      isJoined = true;
    });
    await answer(harness, (done) => first.close(() => done(undefined)));
    await harness.until(() => isJoined);
  },

  'the latest load is read; a node that never reported is left out': async (harness) => {
    const [node, leader] = [harness.open(), harness.open()];
    await join(harness, node, 'node-1');
    for (let sequence = 1; sequence <= 20; sequence++) node.report(loadOf(sequence, sequence * 7));
    // One that got lost is not repeated; it is for the next one to come.
    const report = () => node.report(loadOf(20, 140));
    const latest = await loadOnce(harness, leader, (load) => load?.sequence === 20, report);
    assert.deepEqual(latest, loadOf(20, 140));
    assert.deepEqual(await answer(harness, (done) => leader.readLoads([], done)), new Map());
  },

  'a load is gone with its node, and comes again with its next session': async (harness) => {
    const [node, leader] = [harness.open(), harness.open()];
    await join(harness, node, 'node-1');
    const isSequence = (sequence: number | undefined) => (load: LoadReport | undefined) =>
      load?.sequence === sequence;
    await loadOnce(harness, leader, isSequence(1), () => node.report(loadOf(1)));
    await harness.expire(node);
    await loadOnce(harness, leader, isSequence(2), () => node.report(loadOf(2)));
    await answer(harness, (done) => node.close(() => done(undefined)));
    await loadOnce(harness, leader, isSequence(undefined), () => {});
  },

  'exactly one candidate leads; the next one when it resigns, closes or expires': async (
    harness,
  ) => {
    const candidates = Array.from({ length: 3 }, () => harness.open());
    const leading = new Set<number>();
    let elections = 0;
    const stops = candidates.map((coordinator, index) =>
      coordinator.campaign({
        elected: () => {
          leading.add(index);
          elections += 1;
        },
        deposed: () => leading.delete(index),
      }),
    );
    const theLeader = () => {
      assert.ok(leading.size <= 1, `${leading.size} lead`);
      return [...leading][0]!;
    };
    await harness.until(() => leading.size === 1);
    const first = theLeader();
    stops[first]!();
    leading.delete(first);
    await harness.until(() => leading.size === 1);
    const second = theLeader();
    assert.notEqual(second, first, 'who resigned does not stand again');
    leading.delete(second);
    candidates[second]!.close(() => {});
    await harness.until(() => leading.size === 1);
    const third = theLeader();
    assert.ok(third !== first && third !== second);
    assert.equal(elections, 3);
    await harness.expire(candidates[third]!);
    await harness.until(() => elections === 4);
    assert.deepEqual([...leading], [third], 'it was deposed, then the only one to stand');
  },

  'a candidate is told who leads, and takes the office of one that has died, not of who leads by then':
    async (harness) => {
      const leading = new Set<string>();
      let elections = 0;
      /** By the node that leads: what takes its office, as somebody else was told. */
      const deposing = new Map<string, () => void>();
      const coordinators = ['a', 'b', 'c'].map((nodeId) => {
        const coordinator = harness.open();
        coordinator.campaign({
          place: { nodeId, address: `${nodeId}:1` },
          elected: () => {
            leading.add(nodeId);
            elections += 1;
          },
          deposed: () => leading.delete(nodeId),
          led: (leader, depose) => {
            assert.equal(leader.address, `${leader.nodeId}:1`);
            assert.notEqual(leader.nodeId, nodeId);
            deposing.set(leader.nodeId, depose);
          },
        });
        return coordinator;
      });
      const leader = () => [...leading][0]!;
      const isKnown = () => leading.size === 1 && deposing.has(leader());
      await harness.until(isKnown);
      const first = leader();
      const depose = deposing.get(first)!;
      // It is alive, and may be elected again.
      for (let round = 2; leader() === first && round < 50; round++) {
        depose();
        await harness.until(() => elections === round && isKnown());
      }
      assert.notEqual(leader(), first);
      const before = elections;
      depose();
      for (let look = 0; look < 5; look++) {
        for (const coordinator of coordinators) {
          await answer(harness, (done) => coordinator.readAssignment(done));
        }
      }
      assert.equal(elections, before, 'somebody else leads by then');
    },

  'an assignment is written once per version, and read back as written': async (harness) => {
    const [one, other] = [harness.open(), harness.open()];
    assert.equal(await answer(harness, (done) => one.readAssignment(done)), undefined);
    const first = assignmentOf('one', { owner: 'a', epoch: 1, standby: 'b' });
    const written = await write(harness, one, undefined, first);
    await assert.rejects(
      write(harness, other, undefined, assignmentOf('other')),
      code('veltrix-coordination-conflict'),
    );
    const read = await answer<VersionedAssignment>(harness, (done) => other.readAssignment(done));
    assert.deepEqual(read, written);
    assert.deepEqual({ ...read, version: undefined }, { ...first, version: undefined });
    const handing = { owner: 'b', epoch: 2, next: 'a', isHandingOver: true };
    const second = assignmentOf('other', handing);
    const later = await write(harness, other, read, second);
    await assert.rejects(
      write(harness, one, written, assignmentOf('one', { owner: 'a', epoch: 9 })),
      code('veltrix-coordination-conflict'),
    );
    assert.deepEqual(await answer(harness, (done) => one.readAssignment(done)), later);
  },

  'epochs only grow, and an owner changes only with its epoch': async (harness) => {
    const coordinator = harness.open();
    const base = await write(
      harness,
      coordinator,
      undefined,
      assignmentOf('w', { owner: 'a', epoch: 5 }),
    );
    for (const row of [
      { owner: 'a', epoch: 4 },
      { owner: 'b', epoch: 5 },
      { owner: undefined, epoch: 5 },
      { owner: 'a', epoch: 5, standby: 'a' },
      { owner: 'a', epoch: 5, next: 'a' },
    ]) {
      await assert.rejects(
        write(harness, coordinator, base, assignmentOf('w', row)),
        code('veltrix-assignment-invalid'),
      );
    }
    const short = { ...assignmentOf('w'), partitions: [] };
    await assert.rejects(
      write(harness, coordinator, base, short),
      code('veltrix-assignment-invalid'),
    );
    assert.deepEqual(await answer(harness, (done) => coordinator.readAssignment(done)), base);
  },

  'every watcher is shown the last of many changes, in order': async (harness) => {
    const [writer, viewer, lateViewer] = [harness.open(), harness.open(), harness.open()];
    const epochs: number[] = [];
    const firsts: unknown[] = [];
    viewer.watchAssignment({
      changed: (value) => {
        firsts.push(value);
        epochs.push(value?.partitions[0]?.epoch ?? 0);
      },
    });
    await harness.until(() => firsts.length === 1);
    assert.equal(firsts[0], undefined, 'that there is none yet is shown');
    let present: VersionedAssignment | undefined;
    for (let epoch = 1; epoch <= 30; epoch++) {
      const next = assignmentOf('w', { owner: epoch % 2 ? 'a' : 'b', epoch });
      present = await write(harness, writer, present, next);
    }
    await harness.until(() => epochs.at(-1) === 30);
    assert.deepEqual(
      epochs,
      [...new Set(epochs)].sort((x, y) => x - y),
      'never back, none twice',
    );
    let late: VersionedAssignment | undefined;
    const stop = lateViewer.watchAssignment({
      changed: (value) => {
        late = value;
      },
    });
    await harness.until(() => late?.partitions[0]?.epoch === 30);
    stop();
    await write(harness, writer, present, assignmentOf('w', { owner: 'a', epoch: 31 }));
    await harness.until(() => epochs.at(-1) === 31);
    assert.equal(late?.partitions[0]?.epoch, 30, 'shown after it was stopped');
  },

  'an assignment edited by hand is a named error, and what is put back is shown': async (
    harness,
  ) => {
    const [writer, viewer] = [harness.open(), harness.open()];
    const good = assignmentOf('w', { owner: 'a', epoch: 3 });
    const written = await write(harness, writer, undefined, good);
    const shown: (VersionedAssignment | undefined)[] = [];
    const problems: string[] = [];
    viewer.watchAssignment({
      changed: (value) => shown.push(value),
      problem: (error) => problems.push((error as CodedError).id),
    });
    await harness.until(() => shown.length === 1);
    const row = '[["a",3,null,null],["a",1,"a",null],[null,0,null,null]]';
    const damages = [
      '',
      'owner: a',
      'null',
      '[]',
      '{"format":2}',
      '{"format":1,"writer":"x","addresses":{},"partitions":[]}',
      `{"format":1,"writer":"x","addresses":{},"partitions":${row}}`,
      `{"format":1,"writer":"x","addresses":[],"partitions":[[1,-1,{},3],[],[]]}`,
    ];
    for (const [index, damage] of damages.entries()) {
      await harness.edit('/assignment', damage);
      await harness.until(() => problems.length === index + 1);
    }
    assert.deepEqual([...new Set(problems)], ['veltrix-coordination-damaged']);
    assert.equal(shown.length, 1, 'the last good value stands');
    await assert.rejects(
      answer(harness, (done) => writer.readAssignment(done)),
      code('veltrix-coordination-damaged'),
    );
    await assert.rejects(
      write(harness, writer, written, good),
      code('veltrix-coordination-conflict'),
    );
    await harness.edit('/assignment', undefined);
    await harness.until(() => shown.length === 2);
    assert.equal(shown[1], undefined);
    await write(harness, writer, undefined, assignmentOf('w', { owner: 'b', epoch: 4 }));
    await harness.until(() => shown.at(-1)?.partitions[0]?.epoch === 4);
  },

  'a member edited by hand is a named error and left out; the others are shown': async (
    harness,
  ) => {
    const [one, other] = [harness.open(), harness.open()];
    await join(harness, one, 'node-1');
    await harness.edit('/members/intruder', '{"roles":7}');
    const seen = recordMembers(other);
    await harness.until(() => seen.names() === 'node-1');
    assert.deepEqual(seen.problems, ['veltrix-coordination-damaged']);
    await harness.edit('/members/intruder', undefined);
    await harness.edit('/members/node-1', undefined);
    await harness.until(() => seen.names() === 'node-1');
  },

  'a cluster with another plan is refused before anything is written': async (harness) => {
    const first = harness.open();
    await join(harness, first, 'node-1');
    const before = (await harness.paths()).sort();
    for (const [field, value] of [
      ['logId', 'f'.repeat(32)],
      ['partitionCount', 4],
      ['dedupeWindow', 2048],
    ] as const) {
      const stranger = harness.open({ ...contractPlan, [field]: value });
      const mismatch = code('veltrix-coordination-plan-mismatch');
      await assert.rejects(join(harness, stranger, 'node-9'), mismatch);
      const { partitionCount } = { ...contractPlan, [field]: value } as LogIdentity;
      const next = { ...emptyAssignment(partitionCount), writer: 'stranger' };
      await assert.rejects(write(harness, stranger, undefined, next), mismatch);
      const problems: unknown[] = [];
      stranger.campaign({
        elected: () => assert.fail('elected'),
        deposed: () => {},
        problem: (error) => problems.push(error),
      });
      await harness.until(() => problems.length > 0);
      assert.ok(mismatch(problems[0]));
    }
    assert.deepEqual((await harness.paths()).sort(), before);
  },

  'a place that holds something else, or a damaged plan, is refused and left alone': async (
    harness,
  ) => {
    const damaged = code('veltrix-coordination-damaged');
    await harness.edit('/brokers', 'of somebody else');
    await assert.rejects(join(harness, harness.open(), 'node-1'), damaged);
    assert.deepEqual(await harness.paths(), ['/brokers']);
    await harness.edit('/brokers', undefined);
    await harness.edit('/plan', '{"format":1,"logId":7}');
    await assert.rejects(join(harness, harness.open(), 'node-1'), damaged);
    assert.deepEqual(await harness.paths(), ['/plan']);
  },

  'a closed coordinator answers that it is closed, and closing twice is fine': async (harness) => {
    const coordinator = harness.open();
    await join(harness, coordinator, 'node-1');
    await answer(harness, (done) => coordinator.close(() => done(undefined)));
    await answer(harness, (done) => coordinator.close(() => done(undefined)));
    await assert.rejects(
      answer(harness, (done) => coordinator.readAssignment(done)),
      code('veltrix-coordination-closed'),
    );
    coordinator.report(loadOf(1));
  },
};
