// The command as a user runs it: each call is a process of its own, and the servers are of none.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { type TestContext, test } from 'node:test';
import { whyNotAvailable } from '../availability.ts';
import { startRedis } from '../redis/redis.ts';
import { processIdentity } from '../run/process-identity.ts';
import { eventually } from '../testing/eventually.ts';
import type { ServiceReport } from './service-report.ts';

const redisOnly = { skip: whyNotAvailable('redis') };

/** The command with a run directory of its own, which `down` must leave empty. */
function setUp(t: TestContext, environment: NodeJS.ProcessEnv = {}) {
  const run = mkdtempSync(path.join(tmpdir(), 'hunt-stack-'));
  const services = async (...line: string[]) => {
    const program = path.join(import.meta.dirname, '../main.ts');
    const child = spawn(process.execPath, [program, ...line], {
      env: {
        ...process.env,
        HUNT_REDIS: '',
        HUNT_ZOOKEEPER: '',
        HUNT_SERVICES_RUN: run,
        ...environment,
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let output = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (text: string) => {
        output += text;
      });
    }
    const [code] = (await once(child, 'close')) as [number];
    return { code, output };
  };
  const report = async (...line: string[]) => {
    const { code, output } = await services(...line, '--json');
    return { code, services: (JSON.parse(output) as { services: ServiceReport[] }).services };
  };
  t.after(async () => {
    await services('down');
    assert.deepEqual(readdirSync(run), []);
    rmSync(run, { recursive: true });
  });
  return { services, report };
}

test('up, up again, status, down', {
  skip: whyNotAvailable('zookeeper') ?? whyNotAvailable('redis'),
}, async (t) => {
  const { services, report } = setUp(t);
  const up = await services('up', 'redis', 'zookeeper');
  assert.equal(up.code, 0, up.output);
  assert.match(up.output, /^redis +answers +(127\.0\.0\.1:\d+) +export HUNT_REDIS=\1$/m);
  assert.match(up.output, /^zookeeper +answers +(127\.0\.0\.1:\d+) +export HUNT_ZOOKEEPER=\1$/m);
  const first = await report('status');
  assert.equal(first.code, 0);
  assert.deepEqual(
    first.services.map(({ service, state }) => `${service} ${state}`),
    ['redis answers', 'zookeeper answers'],
  );
  assert.deepEqual((await report('up', 'redis', 'zookeeper')).services, first.services);
  assert.equal((await services('down', 'redis')).code, 0);
  const [redis, zookeeper] = first.services;
  assert.equal(processIdentity(redis?.pids[0] ?? 0), undefined);
  assert.ok(processIdentity(zookeeper?.pids[0] ?? 0));
  const down = await services('down');
  assert.match(down.output, /^zookeeper +stopped$/m);
  assert.equal(down.code, 0);
  for (const { pids, directory } of first.services) {
    assert.equal(processIdentity(pids[0] ?? 0), undefined);
    assert.equal(existsSync(directory), false);
  }
  const nothing = await services('status');
  assert.match(nothing.output, /none was started/);
  assert.equal((await services('status', 'redis')).code, 1);
});

test('a frozen or killed server is told as silent, and up replaces it', redisOnly, async (t) => {
  const { report } = setUp(t);
  const [first] = (await report('up', 'redis')).services;
  const pid = first?.pids[0] ?? 0;
  process.kill(pid, 'SIGKILL');
  await eventually('it has ended', () => processIdentity(pid) === undefined);
  const silent = await report('status');
  assert.equal(silent.code, 1);
  assert.equal(silent.services[0]?.state, 'silent');
  assert.match(silent.services[0]?.reason ?? '', /ECONNREFUSED/);
  const [second] = (await report('up', 'redis')).services;
  assert.equal(second?.state, 'answers');
  assert.notEqual(second?.pids[0], pid);
  assert.equal(existsSync(first?.directory ?? ''), false);
  process.kill(second?.pids[0] ?? 0, 'SIGSTOP');
});

test('a server that the environment gives is used and never ended', redisOnly, async (t) => {
  const given = await startRedis({ own: true });
  t.after(() => given.stop());
  const { report } = setUp(t, { HUNT_REDIS: given.address });
  const up = await report('up', 'redis');
  assert.equal(up.code, 0);
  assert.equal(up.services[0]?.state, 'given');
  assert.equal((await report('down', 'redis')).code, 0);
  assert.ok(processIdentity(given.pids[0] ?? 0));
});

test('what cannot be started is told, and the rest is up', redisOnly, async (t) => {
  const { services, report } = setUp(t, { HUNT_ZOOKEEPER: '127.0.0.1:1' });
  const { code, services: reports } = await report('up', 'redis', 'zookeeper');
  assert.equal(code, 1);
  assert.deepEqual(
    reports.map(({ state }) => state),
    ['answers', 'failed'],
  );
  assert.match(reports[1]?.reason ?? '', /HUNT_ZOOKEEPER=127\.0\.0\.1:1: .*ECONNREFUSED/);
  const wrong = await services('up', 'mysql');
  assert.equal(wrong.code, 2);
  assert.match(wrong.output, /mysql is no service/);
});
