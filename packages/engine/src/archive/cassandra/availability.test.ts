import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Clock } from 'veltrix';
import { engineErrors } from '../../errors.ts';
import { Availability } from './availability.ts';

test('after a failure only the probe asks, until it is answered; once closed, nobody', async () => {
  const tasks: (() => void)[] = [];
  const clock: Pick<Clock, 'after'> = {
    after: (_delayMs, task) => {
      tasks.push(task);
      return () => tasks.splice(tasks.indexOf(task), 1);
    },
  };
  const error = engineErrors.create('engine-archive-unavailable', { reason: 'silent' });
  let isThere = false;
  let probes = 0;
  const availability = new Availability({
    clock,
    probe: async () => {
      probes += 1;
      if (!isThere) throw error;
    },
  });
  const step = async () => {
    const task = tasks.shift();
    task?.();
    await new Promise((resolve) => setImmediate(resolve));
    return task !== undefined;
  };
  availability.check();
  availability.failed(error);
  availability.failed(error);
  assert.throws(() => availability.check(), error);
  for (let round = 1; round <= 3; round++) {
    assert.ok(await step());
    assert.equal(probes, round, 'one probe at a time');
    assert.throws(() => availability.check(), error);
  }
  isThere = true;
  assert.ok(await step());
  availability.check();
  assert.ok(!(await step()), 'nothing is asked while all is well');
  availability.failed(error);
  availability.close();
  assert.ok(!(await step()));
  assert.equal(probes, 4);
});
