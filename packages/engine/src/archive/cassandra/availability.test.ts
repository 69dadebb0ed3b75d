import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Clock } from 'veltrix';
import { engineErrors } from '../../errors.ts';
import { Availability } from './availability.ts';

function newAvailability() {
  const tasks: (() => void)[] = [];
  const clock: Pick<Clock, 'after'> = {
    after: (_delayMs, task) => {
      tasks.push(task);
      return () => {
        if (tasks.includes(task)) tasks.splice(tasks.indexOf(task), 1);
      };
    },
  };
  const error = engineErrors.create('engine-archive-unavailable', { reason: 'silent' });
  const server = { isThere: false, probes: 0 };
  const availability = new Availability({
    clock,
    probe: async () => {
      server.probes += 1;
      if (!server.isThere) throw error;
    },
  });
  const step = async () => {
    const task = tasks.shift();
    task?.();
    await new Promise((resolve) => setImmediate(resolve));
    return task !== undefined;
  };
  return { availability, error, server, step };
}

test('after a failure only the probe asks, until it is answered; once closed, nobody', async () => {
  const { availability, error, server, step } = newAvailability();
  availability.check();
  availability.failed(error);
  availability.failed(error);
  assert.throws(() => availability.check(), error);
  for (let round = 1; round <= 3; round++) {
    assert.ok(await step());
    assert.equal(server.probes, round, 'one probe at a time');
    assert.throws(() => availability.check(), error);
  }
  server.isThere = true;
  assert.ok(await step());
  availability.check();
  assert.ok(!(await step()), 'nothing is asked while all is well');
  availability.failed(error);
  availability.close();
  assert.ok(!(await step()));
  assert.equal(server.probes, 4);
});

test('an answer to whoever went on asking counts at once', async () => {
  const { availability, error, server, step } = newAvailability();
  availability.failed(error);
  availability.answered();
  availability.check();
  assert.ok(!(await step()), 'nothing is asked while all is well');
  availability.failed(error);
  const probing = step();
  availability.answered();
  await probing;
  availability.check();
  assert.ok(!(await step()), 'a probe that fails after it changes nothing');
  assert.equal(server.probes, 1);
});
