import { randomBytes } from 'node:crypto';
import { parentPort, workerData } from 'node:worker_threads';
import { CodedError } from '../coded-error.ts';
import { veltrixErrors } from '../errors.ts';
import type { Coordinator } from './coordinator.ts';
import { healthTickMs } from './health.ts';
import { HealthBoard } from './health-board.ts';
import type { HeartbeatData, HeartbeatMessage } from './heartbeat.ts';
import { LoadMeter } from './load-meter.ts';

/** The thread of the heartbeat: see `startHeartbeat`. */
const { buffer, opener, member, cores, intervalMs } = workerData as HeartbeatData;
const say = (message: HeartbeatMessage) => parentPort?.postMessage(message);
const module = (await import(opener.module)) as Record<string, (options: unknown) => Coordinator>;
const open = module[opener.name];
if (open === undefined) throw new Error(`${opener.module} has no ${opener.name}`);
const coordinator = open(opener.options);
const instance = randomBytes(16).toString('hex');
const meter = new LoadMeter(new HealthBoard(buffer), instance, healthTickMs, cores);

let timer: NodeJS.Timeout | undefined;
coordinator.join(member, (error) => {
  if (error) return sayFailed(error);
  coordinator.report(meter.report());
  timer = setInterval(() => coordinator.report(meter.report()), intervalMs);
  say({ kind: 'joined' });
});

/** Errors lose their class on the way between threads: they are made anew from the registry. */
function sayFailed(error: Error): void {
  const isKnown = error instanceof CodedError && error.id in veltrixErrors.definitions;
  const details = isKnown ? error.details : { nodeId: member.nodeId, reason: error.message };
  say({
    kind: 'failed',
    id: isKnown
      ? (error.id as keyof typeof veltrixErrors.definitions)
      : 'veltrix-heartbeat-stopped',
    details: details as Record<string, string | number>,
  });
}

parentPort?.on('message', () => {
  clearInterval(timer);
  coordinator.close(() => parentPort?.close());
});
