import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { processIdentity } from '../run/process-identity.ts';
import type { RunningServers } from '../run/running-servers.ts';

/** Runs `task`, stops the servers however it ended, and sees that processes and directory are gone. */
export async function assertNothingLeft(
  servers: RunningServers,
  task: () => Promise<void>,
): Promise<void> {
  const { directory, pids } = servers;
  try {
    assert.ok(existsSync(directory));
    assert.ok(pids.length > 0);
    await task();
  } finally {
    pids.push(...servers.pids);
    await servers.stop();
    await servers.stop();
  }
  for (const pid of pids) assert.equal(processIdentity(pid), undefined, `${pid} runs`);
  assert.equal(existsSync(directory), false, `${directory} is left`);
}
