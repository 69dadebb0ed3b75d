import { givenAddresses, type ServiceName } from '../availability.ts';
import { processIdentity } from '../run/process-identity.ts';
import type { ServerGroup } from '../run/server-group.ts';
import { services } from '../services.ts';
import { endServers } from './down.ts';
import { type ServiceReport, serviceReport } from './service-report.ts';
import { readState, withServiceLock, writeState } from './state-file.ts';

/**
 * Starts a service that goes on after this process, and leaves what `down` needs. One that
 * answers is left as it is; one that does not is ended first. Rejects when it cannot be started.
 */
export function bringUp(service: ServiceName): Promise<ServiceReport> {
  return withServiceLock(service, async () => {
    if (givenAddresses(service) === undefined) {
      const before = await serviceReport(service);
      if (before.state === 'answers') return before;
      if (readState(service) !== undefined) await endServers(service);
      await startDetached(service);
    }
    const report = await serviceReport(service);
    if (report.state === 'silent') throw new Error(`${report.environment}: ${report.reason}`);
    return report;
  });
}

async function startDetached(service: ServiceName): Promise<void> {
  const group = await services[service].start();
  try {
    writeState(service, stateOf(group));
  } catch (error) {
    await group.stop();
    throw error;
  }
  // Until here they would have ended with us.
  await group.release();
}

function stateOf(group: ServerGroup) {
  const processes = group.pids.map(processIdentity).filter((known) => known !== undefined);
  return { addresses: group.addresses, processes, directory: group.directory };
}
