import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { Health } from './health.ts';
import { HealthBoard } from './health-board.ts';
import { LoadMeter } from './load-meter.ts';

async function until(condition: () => boolean): Promise<void> {
  const deadline = performance.now() + 30_000;
  while (!condition()) {
    assert.ok(performance.now() < deadline, 'it never came true');
    await pause(5);
  }
}

suite('the health of a node', () => {
  test('what one thread writes on the board is what another reports', () => {
    const board = new HealthBoard(4);
    const meter = new LoadMeter(new HealthBoard(board.buffer), 'life-1', 100);
    board.setPart(2, 'owner', 9);
    board.setPart(3, 'standby', 4);
    board.setWaiting(2, 17, 2_000);
    board.setLag(3, 250);
    const first = meter.report();
    board.folded(2, 1_500);
    board.folded(2, 500);
    board.setDraining(true);
    const second = meter.report();
    assert.deepEqual([first.instance, first.sequence, second.sequence], ['life-1', 1, 2]);
    assert.deepEqual([first.draining, second.draining], [false, true]);
    const [owner, standby] = second.partitions;
    assert.equal(second.partitions.length, 2);
    const { partition, part, epoch, progress, waiting, lag } = owner!;
    assert.deepEqual([partition, part, epoch, progress, waiting, lag], [2, 'owner', 9, 2, 17, 0]);
    assert.ok(owner!.queueAgeMs >= 2_000);
    assert.ok(owner!.cost > 0);
    assert.deepEqual([standby!.part, standby!.epoch, standby!.lag], ['standby', 4, 250]);
    assert.ok(second.cpu >= 0 && second.cpu <= 1);
  });

  test('processor time is a share of the cores that a node counts on', () => {
    const board = new HealthBoard(1);
    const [little, huge] = [0.001, 10_000].map((cores) => new LoadMeter(board, 'life', 100, cores));
    // Uses some: the process has done more than a thousandth of a core, and has fewer than a hundred.
    for (const until = performance.now() + 20; performance.now() < until; );
    assert.equal(little!.report().cpu, 1);
    assert.ok(huge!.report().cpu < 0.01);
  });

  test('a partition that was given away is reported no more, and begins anew when it comes back', () => {
    const board = new HealthBoard(2);
    const meter = new LoadMeter(board, 'life-1', 100);
    board.setPart(1, 'owner', 3);
    board.folded(1, 900);
    board.setWaiting(1, 5, 0);
    board.setPart(1, undefined, 0);
    assert.deepEqual(meter.report().partitions, []);
    board.setPart(1, 'standby', 4);
    const [report] = meter.report().partitions;
    assert.deepEqual([report!.progress, report!.waiting, report!.cost], [0, 0, 0]);
  });

  test('progress goes on when a standby becomes the owner', () => {
    const board = new HealthBoard(1);
    board.setPart(0, 'standby', 3);
    board.folded(0, 10);
    board.setPart(0, 'owner', 4);
    assert.deepEqual([board.read(0)!.progress, board.read(0)!.epoch], [1, 4]);
  });

  test('values beyond what a word holds are kept at its limit', () => {
    const board = new HealthBoard(1);
    board.setPart(0, 'standby', 1);
    board.setLag(0, 1e12);
    assert.equal(board.read(0)!.lag, 0xffff_ffff);
    board.setLag(0, -5);
    assert.equal(board.read(0)!.lag, 0);
  });

  test('a loop that is blocked is seen while it is, and after', async () => {
    const health = new Health(1);
    health.start();
    try {
      // Delays are measured from the loop's second turn on.
      let turns = 0;
      await until(() => ++turns > 20);
      const end = performance.now() + 400;
      while (performance.now() < end);
      assert.ok(health.board.delayMs(100) >= 250, 'seen while it is blocked');
      await until(() => health.board.delayMs(1e9) >= 250);
      await until(() => health.board.delayMs(1e9) < 250);
    } finally {
      health.stop();
    }
  });
});
