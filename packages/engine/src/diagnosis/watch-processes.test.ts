import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type RequestListener, type Server } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { after, test } from 'node:test';
import { makeCertificates, whyNoCertificates } from '@hunt/services';
import { type WatchedProcess, watchProcesses } from './watch-processes.ts';

const servers: Server[] = [];
after(() => {
  for (const server of servers) {
    server.closeAllConnections();
    server.close();
  }
});

async function served(name: string, answer: RequestListener): Promise<WatchedProcess> {
  const server = createServer(answer).listen(0, '127.0.0.1');
  servers.push(server);
  await once(server, 'listening');
  return { name, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` };
}

const pageOf = (uptime: number, clock: number) =>
  `hunt_process_uptime_seconds ${uptime}\nhunt_process_clock_seconds ${clock}\n` +
  `hunt_process_cpu_seconds_total ${uptime / 2}\n`;

test('a process that encrypts is asked with the CA that is trusted for it, and else the reason is said', {
  skip: whyNoCertificates(),
}, async (t) => {
  const { ca, server: certified, remove } = makeCertificates();
  t.after(remove);
  const answer: RequestListener = (_, response) => response.end(pageOf(10, Date.now() / 1_000));
  const { cert, key } = certified;
  const server = createSecureServer({ cert, key }, answer).listen(0, '127.0.0.1');
  servers.push(server as unknown as Server);
  await once(server, 'listening');
  const url = `https://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const { processes, unread } = await watchProcesses({
    processes: [
      { name: 'trusted', url, tls: { ca: ca.cert } },
      { name: 'named', url, tls: { ca: ca.cert, serverName: 'node.example' } },
      { name: 'strange', url },
    ],
    ...{ seconds: 0, looks: 2 },
  });
  assert.deepEqual(
    processes.map(({ name }) => name),
    ['trusted'],
  );
  const reasons = Object.fromEntries(unread.map(({ what, reason }) => [what, reason]));
  assert.match(reasons['named']!, /node\.example/);
  assert.match(reasons['strange']!, /certificate.*; set NODE_EXTRA_CA_CERTS/);
});

test('each process is looked at several times; those that do not answer well are named with the reason', async () => {
  let asked = 0;
  const well = await served('well', (request, response) => {
    assert.equal(request.url, '/metrics');
    asked += 1;
    response.end(pageOf(asked * 10, Date.now() / 1_000 + 60));
  });
  let late = 0;
  const others = [
    await served('fails', (_, response) => response.writeHead(503).end('no')),
    await served('stranger', (_, response) => response.end('up 1\n')),
    await served('page', (_, response) => response.end('<html>')),
    await served('once', (_, response) => {
      late += 1;
      if (late === 1) response.end(pageOf(1, 1));
      else response.destroy();
    }),
    { name: 'away', url: 'http://127.0.0.1:1' },
  ];
  const { processes, unread } = await watchProcesses({
    processes: [well, ...others],
    ...{ seconds: 0.05, looks: 3 },
  });
  assert.deepEqual([asked, processes.map(({ name }) => name)], [3, ['well']]);
  const [facts] = processes;
  assert.ok(facts!.seconds >= 0.04);
  assert.ok(Math.abs(facts!.rate('hunt_process_cpu_seconds_total') * facts!.seconds - 10) < 1e-9);
  const { aheadSeconds, uncertainSeconds } = facts!.clock!;
  assert.ok(Math.abs(aheadSeconds - 60) <= uncertainSeconds + 0.01, `${aheadSeconds}`);
  const reasons = Object.fromEntries(unread.map(({ what, reason }) => [what, reason]));
  assert.equal(reasons['fails'], 'it answers 503');
  assert.equal(reasons['stranger'], 'what answers is not the engine');
  assert.match(reasons['page']!, /line 1 is no metric/);
  assert.ok(reasons['once'] !== undefined);
  assert.match(reasons['away']!, /ECONNREFUSED|bad port/);
});

test('whoever interrupts is not kept waiting', async () => {
  const silent = await served('silent', () => {});
  const controller = new AbortController();
  const watching = watchProcesses({
    ...{ processes: [silent], seconds: 30, looks: 3 },
    signal: controller.signal,
  });
  controller.abort(new Error('enough'));
  await assert.rejects(watching);
});

test('a page without end is not taken in', async () => {
  const endless = await served('endless', (_, response) => {
    const line = `# ${'x'.repeat(1_000_000)}\n`;
    const write = () => {
      while (!response.destroyed && response.write(line));
    };
    response.on('drain', write);
    write();
  });
  const { unread } = await watchProcesses({ processes: [endless], seconds: 0, looks: 2 });
  assert.match(unread[0]!.reason, /larger than 33554432 bytes/);
});
