import assert from 'node:assert/strict';
import type { VersionedAssignment } from '../assignment-document.ts';
import {
  answer,
  assignmentOf,
  type CoordinatorPromises,
  code,
  write,
} from './coordinator-harness.contract.ts';

/** One leads, and writes the assignment that everybody sees. */
export const leading: CoordinatorPromises = {
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
          place: { nodeId, address: `${nodeId}:1`, encryption: 'require' },
          elected: () => {
            leading.add(nodeId);
            elections += 1;
          },
          deposed: () => leading.delete(nodeId),
          led: (leader, depose) => {
            assert.equal(leader.address, `${leader.nodeId}:1`);
            assert.equal(leader.encryption, 'require');
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
};
