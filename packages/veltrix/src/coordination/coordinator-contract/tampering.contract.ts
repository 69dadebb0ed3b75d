import assert from 'node:assert/strict';
import type { CodedError } from '../../coded-error.ts';
import type { LogIdentity } from '../../log/log.ts';
import { emptyAssignment, type VersionedAssignment } from '../assignment-document.ts';
import {
  answer,
  assignmentOf,
  type CoordinatorPromises,
  code,
  contractPlan,
  join,
  nodeNamed,
  recordMembers,
  write,
} from './coordinator-harness.contract.ts';

/** What others wrote by hand, or for another cluster. */
export const tampering: CoordinatorPromises = {
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
      `{"format":1,"writer":"x","addresses":{},"encrypted":{"a:1":"yes"},"partitions":[]}`,
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
    // Each look at the members tells of all that are damaged.
    await harness.edit('/members/intruder', undefined);
    const before = seen.problems.length;
    const member = { ...nodeNamed('stranger'), instance: 'x', plan: contractPlan };
    await harness.edit('/members/stranger', JSON.stringify({ ...member, encryption: 'sometimes' }));
    await harness.until(() => seen.problems.length > before);
    assert.equal(seen.names(), 'node-1');
    await harness.edit('/members/stranger', undefined);
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
};
