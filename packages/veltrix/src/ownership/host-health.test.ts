import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { CodedError } from '../coded-error.ts';
import { HealthBoard } from '../coordination/health-board.ts';
import { defaultHealthSettings, HealthJudge } from '../coordination/health-judge.ts';
import { LoadMeter } from '../coordination/load-meter.ts';
import type { Application } from '../processor/application.ts';
import { accountsApplication } from '../simulator/accounts/accounts-application.ts';
import { HostHealth } from './host-health.ts';
import { TestHosts } from './test-hosts.ts';

/** The accounts, with something that happens before each decision. */
function interrupted(beforeDecide: () => void): Application {
  return {
    layout: accountsApplication.layout,
    open: (space, context) => {
      const accounts = accountsApplication.open(space, context);
      return {
        decide: (command, decision) => {
          beforeDecide();
          accounts.decide(command, decision);
        },
        refuse: (message, code, decision) => accounts.refuse(message, code, decision),
        evolve: (event) => accounts.evolve(event),
        restored: () => accounts.restored(),
      };
    },
  };
}

/** A node `a` that owns the partition and shows how it is, and what the heartbeat reads. */
function begin(beforeDecide: () => void = () => {}) {
  const board = new HealthBoard(1);
  const health = new HostHealth(board);
  const world = new TestHosts();
  const host = world.start('a', {
    application: interrupted(beforeDecide),
    meter: health.meter(0),
  });
  world.assign({ owner: 'a', epoch: 1 });
  world.run();
  health.update(host);
  // The heartbeat's thread sees nothing but the memory.
  const meter = new LoadMeter(new HealthBoard(board.buffer), 'life', 100);
  return { world, host, health, meter };
}

describe('the health of a host', () => {
  test('a fold that hangs within a decision is seen to have work and make no progress, and is named', () => {
    const seen: { waiting: number; progress: number }[] = [];
    const problems: CodedError[] = [];
    const judge = new HealthJudge(defaultHealthSettings, (error) =>
      problems.push(error as CodedError),
    );
    let isHung = false;
    const node = begin(() => {
      if (!isHung) return;
      // As the heartbeat and the leader go on while this thread is here.
      for (let beat = 0; beat < 12; beat++) {
        const report = node.meter.report();
        seen.push(report.partitions[0]!);
        judge.observe(['a'], new Map([['a', report]]), 500);
      }
    });
    node.world.send(1);
    node.world.run();
    node.health.update(node.host);
    const [idle] = node.meter.report().partitions;
    assert.deepEqual([idle!.part, idle!.epoch, idle!.waiting, idle!.lag], ['owner', 1, 0, 0]);
    assert.ok(idle!.progress > 0);
    isHung = true;
    node.world.send(2);
    node.world.run();
    assert.ok(seen.every(({ waiting, progress }) => waiting > 0 && progress === idle!.progress));
    assert.deepEqual(
      problems.map(({ id }) => id),
      ['veltrix-partition-stuck'],
    );
    assert.equal(judge.isResponsive('a'), true, 'alive all the time');
    node.health.update(node.host);
    const [after] = node.meter.report().partitions;
    assert.ok(after!.progress > idle!.progress);
    assert.equal(after!.waiting, 0);
  });

  test('what folding takes is measured', () => {
    const node = begin(() => {
      const end = performance.now() + 20;
      while (performance.now() < end);
    });
    node.meter.report();
    node.world.send(1);
    node.world.run();
    const [{ cost } = { cost: 0 }] = node.meter.report().partitions;
    assert.ok(cost > 0, `${cost} ms/s`);
  });

  test('an owner tells of commands it has not decided; while the log is silent they are no work of its own', () => {
    const node = begin();
    const { world, host, health, meter } = node;
    const held: boolean[] = [];
    // The log takes no events: decisions are not read back, and commands wait at the limit.
    world.cluster.setAvailability(0, 'events', 'none');
    for (let id = 1; id <= 60; id++) world.send(id);
    world.run(400);
    health.update(host);
    const [report] = meter.report().partitions;
    held.push(host.owner(0)!.isHeldUp);
    assert.ok(report!.lag > 0, 'commands wait');
    assert.deepEqual([report!.waiting, report!.queueAgeMs, held], [0, 0, [true]]);
    world.cluster.setAvailability(0, 'events', 'all');
    world.run(2_000);
    health.update(host);
    assert.deepEqual(
      meter.report().partitions.map(({ lag, waiting }) => [lag, waiting]),
      [[0, 0]],
    );
  });

  test('a copy tells how far behind it is, and a partition that is gone is told of no more', () => {
    const { world, host, health, meter } = begin();
    world.send(1);
    world.run();
    world.start('b');
    world.assign({ owner: 'b', epoch: 2, standby: 'a' });
    world.run();
    health.update(host);
    assert.deepEqual(
      meter.report().partitions.map(({ part, epoch, lag }) => [part, epoch, lag]),
      [['standby', 2, 0]],
    );
    world.assign({ standby: '' });
    world.run();
    health.update(host);
    assert.deepEqual(meter.report().partitions, []);
    // One that has only just been opened knows nothing of the log yet: it is not ready.
    world.assign({ standby: 'a' });
    while (!host.standby(0)) world.queue.step();
    health.update(host);
    assert.equal(meter.report().partitions[0]!.lag, 0xffff_ffff);
  });

  test('the age of a queue is that of its oldest record', () => {
    const { world, host, health, meter } = begin();
    let isPaused = true;
    const owner = new Proxy(host.owner(0)!, {
      get: (target, name) => {
        if (name === 'end') return 10;
        if (name === 'next') return isPaused ? 5 : 10;
        return Reflect.get(target, name, target);
      },
    });
    const stalled = {
      standby: () => host.standby(0),
      owner: () => owner,
    } as unknown as typeof host;
    health.update(stalled);
    const until = performance.now() + 30;
    while (performance.now() < until);
    health.update(stalled);
    const [report] = meter.report().partitions;
    assert.equal(report!.waiting, 5);
    assert.ok(report!.queueAgeMs >= 25, `${report!.queueAgeMs} ms`);
    isPaused = false;
    health.update(stalled);
    assert.equal(meter.report().partitions[0]!.queueAgeMs, 0);
    world.hosts['a']!.stop();
  });
});
