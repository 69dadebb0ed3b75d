import assert from 'node:assert/strict';
import type { LoadReport, SessionState } from '../coordinator.ts';
import {
  answer,
  type CoordinatorPromises,
  code,
  contractPlan,
  join,
  loadOf,
  loadOnce,
  nodeNamed,
  recordMembers,
} from './coordinator-harness.contract.ts';

/** Who is there, and what they report. */
export const membership: CoordinatorPromises = {
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
