import assert from 'node:assert/strict';
import { once } from 'node:events';
import { existsSync, readdirSync } from 'node:fs';
import net from 'node:net';
import { tmpdir } from 'node:os';
import { test } from 'node:test';
import { connectProbe } from '../testing/connect-probe.ts';
import { fakeServer } from '../testing/fake-server.ts';
import { processIdentity } from './process-identity.ts';
import { ServerGroup } from './server-group.ts';
import type { ServerPlan } from './server-process.ts';

/** Starts one fake server; `make` gets its port. */
function start(name: string, make: (port: number) => ServerPlan): Promise<ServerGroup> {
  return ServerGroup.start(name, 1, async (_directory, [port = 0]) => ({
    addresses: [`127.0.0.1:${port}`],
    servers: [make(port)],
  }));
}

function directoriesOf(name: string): string[] {
  return readdirSync(tmpdir()).filter((entry) => entry.startsWith(`hunt-${name}-`));
}

test('a server that ends early is told with the end of its log, and nothing is left', async () => {
  const name = `early${process.pid}`;
  const plan = (port: number) =>
    fakeServer(port, "console.error('no such disk'); process.exit(3)", {
      probe: connectProbe(port),
    });
  await assert.rejects(start(name, plan), /fake ended before it answered.*\n.*no such disk/);
  assert.deepEqual(directoriesOf(name), []);
});

test('a server that never answers is killed and told with what was wrong', async () => {
  const name = `silent${process.pid}`;
  let pid = 0;
  const plan = (port: number) =>
    fakeServer(port, 'console.log(process.pid)', {
      readyTimeoutMs: 1_500,
      probe: async () => {
        throw new Error('not whole yet');
      },
    });
  await assert.rejects(start(name, plan), (error: Error) => {
    assert.match(error.message, /fake did not answer within 1500 ms \(not whole yet\)/);
    pid = Number(/\d+$/.exec(error.message)?.[0]);
    return true;
  });
  assert.ok(pid > 0);
  assert.equal(processIdentity(pid), undefined);
  assert.deepEqual(directoriesOf(name), []);
});

test('a program that is not there is told as such', async () => {
  const plan = (port: number) =>
    fakeServer(port, '', { program: '/nonexistent', probe: connectProbe(port) });
  await assert.rejects(start('absent', plan), /fake cannot be started: .*ENOENT/);
});

test('a port that was taken meanwhile is changed for another, five times at most', async (t) => {
  const holder = net.createServer().listen(0, '127.0.0.1');
  t.after(() => holder.close());
  await once(holder, 'listening');
  const taken = (holder.address() as net.AddressInfo).port;
  // The holder would answer a probe that only connects.
  const never = async () => {
    throw new Error('never');
  };
  let tries = 0;
  const group = await start('taken', (port) => {
    tries += 1;
    return tries < 3
      ? fakeServer(taken, '', { probe: never })
      : fakeServer(port, '', { probe: connectProbe(port) });
  });
  assert.equal(tries, 3);
  await group.stop();
  tries = 0;
  const always = () => {
    tries += 1;
    return fakeServer(taken, '', { probe: never });
  };
  await assert.rejects(start('taken', always), /EADDRINUSE/);
  assert.equal(tries, 5);
});

test('one that ignores SIGTERM is killed after its time, one that is frozen is ended', async () => {
  const stubborn = await start('stubborn', (port) =>
    fakeServer(port, "process.on('SIGTERM', () => {})", {
      probe: connectProbe(port),
      stopTimeoutMs: 100,
    }),
  );
  const frozen = await start('frozen', (port) =>
    fakeServer(port, '', { probe: connectProbe(port) }),
  );
  frozen.server(0).freeze();
  for (const group of [stubborn, frozen]) {
    const [pid = 0] = group.pids;
    assert.ok(processIdentity(pid));
    await group.stop();
    assert.equal(processIdentity(pid), undefined);
    assert.equal(existsSync(group.directory), false);
  }
});
