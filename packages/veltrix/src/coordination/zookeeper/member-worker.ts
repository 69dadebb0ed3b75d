import { openZooKeeperCoordinator } from './zookeeper-coordination.ts';

/**
 * A process that does nothing but be a member, for tests that kill or freeze one. Says each change of its session on
 * a line of its own.
 */
const [connect = '', prefix = '', nodeId = '', logId = ''] = process.argv.slice(2);
const coordinator = openZooKeeperCoordinator({
  connect,
  prefix,
  plan: { logId, partitionCount: 3, dedupeWindow: 1024 },
  sessionTimeoutMs: 2_000,
  timings: { retryMs: 50 },
});
coordinator.onSession((state) => console.log(state));
const node = { nodeId, address: '', roles: [], release: '', zone: '', capacity: 1 };
coordinator.join(node, (error) => console.log(error ? error.message : 'joined'));
