import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { TestContext } from 'node:test';
import type { ProcessTelemetry } from '../../metrics/process-telemetry.ts';
import { allCauses } from '../all-causes.ts';
import { diagnose, type Finding } from '../diagnose.ts';
import { watchProcesses } from '../watch-processes.ts';

/** Shows what is measured as a process does; what is returned looks for so short that a busy machine may find more. */
export async function diagnosedTelemetry(
  t: TestContext,
  { registry }: ProcessTelemetry,
): Promise<(id: string) => Promise<Finding | undefined>> {
  const server = createServer((_, response) => response.end(registry.text()));
  t.after(() => server.close());
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return async (id) => {
    const processes = [{ name: 'two', url }];
    const watched = await watchProcesses({ processes, seconds: 0.2, looks: 2 });
    assert.deepEqual(watched.unread, []);
    const { limit, others } = diagnose(allCauses, { ...watched, areAll: true });
    return [limit, ...others].find((finding) => finding?.id === id) ?? undefined;
  };
}
