/* When a node that is stopped may go, with the boards that its threads and the cluster share and a leader by hand. */
import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { AssignmentBoard, type Coordinator, HealthBoard } from 'veltrix/cluster';
import { ManualClock } from '../gateway/testing/manual-clock.ts';
import { handOver } from './hand-over.ts';

type Told = Parameters<Parameters<Coordinator['watchAssignment']>[0]['changed']>[0];

/** Node `a` of two, with a partition for each owner that is named. */
function drainingNode(...owners: readonly string[]) {
  const clock = new ManualClock();
  const health = new HealthBoard(owners.length);
  let tell: (told: Told) => void = () => {};
  const coordinator: Pick<Coordinator, 'watchAssignment'> = {
    watchAssignment: ({ changed }) => {
      tell = changed;
      return () => {};
    },
  };
  const board = new AssignmentBoard(coordinator as Coordinator, 'a', clock, assert.ifError);
  let version = 0;
  const assign = (...named: readonly string[]) => {
    version += 1;
    const row = { epoch: version, standby: undefined, next: undefined };
    const partitions = named.map((owner) => ({ ...row, owner }));
    tell({ version, writer: 'b', addresses: {}, shares: {}, partitions });
  };
  assign(...owners);
  for (const [partition, owner] of owners.entries()) {
    if (owner === 'a') health.setPart(partition, 'owner', 1);
  }
  let isOver = false;
  const begin = (timeoutMs = 5_000) => {
    const options = { node: 'a', board, health, clock, now: () => clock.now() };
    void handOver(options, timeoutMs).then(() => {
      isOver = true;
    });
  };
  /** Whether it may go, so much later. */
  const after = async (milliseconds: number) => {
    for (let passed = 0; passed < milliseconds; passed += 50) {
      clock.advance(50);
      await new Promise((resolve) => setImmediate(resolve));
    }
    return isOver;
  };
  return { health, assign, begin, after };
}

suite('a node that is stopped', () => {
  test('asks for others to take over, and stays until it has let go and the assignment names them', async () => {
    const { health, assign, begin, after } = drainingNode('a', 'b', 'a');
    begin();
    assert.equal(health.isDraining, true);
    assert.equal(await after(500), false);
    assign('b', 'b', 'a');
    health.setPart(0, 'standby', 2);
    assert.equal(await after(500), false, 'one of two is not all');
    health.setPart(2, undefined, 2);
    assert.equal(await after(500), false, 'gone now, it would look dead to who reads the document');
    assign('b', 'b', 'b');
    assert.equal(await after(50), true);
  });

  test('stays while it has not let go, whomever the assignment names', async () => {
    const { health, assign, begin, after } = drainingNode('a');
    begin();
    assign('b');
    assert.equal(await after(500), false);
    health.setPart(0, undefined, 2);
    assert.equal(await after(50), true);
  });

  test('goes after its time although nobody takes over', async () => {
    const { begin, after } = drainingNode('a');
    begin(1_000);
    assert.equal(await after(950), false);
    assert.equal(await after(50), true);
  });

  test('that owns nothing, and is named nowhere, goes at once', async () => {
    const { begin, after } = drainingNode('b', 'b');
    begin();
    assert.equal(await after(50), true);
  });
});
