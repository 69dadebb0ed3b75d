import assert from 'node:assert/strict';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { testConfigSourceContract } from '../config-source.contract.ts';
import type { ConfigSource } from '../config-source.ts';
import { testCoordinatorContract } from '../coordinator.contract.ts';
import type { Coordinator } from '../coordinator.ts';
import { contractPlan } from '../coordinator-contract/coordinator-harness.contract.ts';
import { testLeaderReportContract } from '../leader-report.contract.ts';
import { bytesOf } from '../tree/tree-text.ts';
import { MemoryCoordination } from './memory-coordination.ts';

function newHarness() {
  // Timers of what the tests give up would keep the process alive.
  const timings = { takenTimeoutMs: 200, retryMs: 20, answerTimeoutMs: 5_000, recheckMs: 1_000 };
  const memory = new MemoryCoordination({ timings });
  const ports: (Coordinator | ConfigSource)[] = [];
  const operator = memory.server.openSession();
  const opened = <T extends Coordinator | ConfigSource>(port: T): T => {
    ports.push(port);
    return port;
  };
  return {
    openCoordinator: (plan = contractPlan) => opened(memory.openCoordinator(plan)),
    openConfigSource: (plan = contractPlan) => opened(memory.openConfigSource(plan)),
    expire: (port: Coordinator | ConfigSource) => memory.expire(port),
    edit(path: string, text: string | undefined) {
      const { server } = memory;
      if (text === undefined) server.remove(operator, path, undefined);
      else if (!server.write(operator, path, bytesOf(text), undefined).ok) {
        server.create(operator, path, bytesOf(text), 'persistent');
      }
    },
    paths: () => memory.server.paths(),
    async until(condition: () => boolean) {
      const deadline = Date.now() + 20_000;
      while (!condition()) {
        assert.ok(Date.now() < deadline, 'it never came true');
        await nextTurn();
      }
    },
    dispose() {
      for (const port of ports) port.close(() => {});
    },
  };
}

testCoordinatorContract('memory', () => {
  const harness = newHarness();
  return { ...harness, open: harness.openCoordinator };
});

testConfigSourceContract('memory', () => {
  const harness = newHarness();
  return { ...harness, open: harness.openConfigSource };
});

testLeaderReportContract('memory', () => {
  const harness = newHarness();
  return { ...harness, open: harness.openCoordinator };
});
