import { ServerGroup } from '../run/server-group.ts';
import { connectProbe } from './connect-probe.ts';
import { fakeServer } from './fake-server.ts';

// Starts two servers, names them on a line, and waits to be killed.
const group = await ServerGroup.start('orphan', 2, async (_directory, ports) => ({
  addresses: [],
  servers: ports.map((port, index) =>
    fakeServer(port, "process.on('SIGTERM', () => {})", {
      name: `fake-${index}`,
      probe: connectProbe(port),
    }),
  ),
}));
console.log(JSON.stringify({ pids: group.pids, directory: group.directory }));
setInterval(() => undefined, 60_000);
