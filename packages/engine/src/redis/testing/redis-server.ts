import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createConnection, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

const startMs = 20_000;
const server = 'redis-server';

/** A Redis for one test file. */
export interface TestRedis {
  readonly addresses: readonly string[];
  /** A command to the first server with `redis-cli`. */
  ask(...words: string[]): Promise<string>;
  kill(): Promise<void>;
  freeze(): void;
  wake(): void;
  /** Starts again what was killed, empty, on the same ports. */
  restart(): Promise<void>;
  stop(): Promise<void>;
}

/** Starts `masters` servers on loopback; several make a cluster without replicas. */
export async function startTestRedis(
  masters = 1,
  flags: readonly string[] = [],
): Promise<TestRedis> {
  const directory = mkdtempSync(join(tmpdir(), 'hunt-redis-'));
  const ports = await freePorts(masters);
  let children: ChildProcess[] = [];
  const start = async () => {
    children = ports.map((port) => startServer(port, directory, masters > 1, flags));
    await Promise.all(ports.map(answers));
    if (masters === 1) return;
    const addresses = ports.map((port) => `127.0.0.1:${port}`);
    await cli(ports[0]!, ['--cluster', 'create', ...addresses, '--cluster-yes']);
    for (const port of ports) await clusterIsUp(port);
  };
  const kill = async () => {
    for (const child of children.splice(0)) {
      const ended = once(child, 'exit');
      child.kill('SIGKILL');
      await ended;
    }
    for (const port of ports) rmSync(join(directory, `nodes-${port}.conf`), { force: true });
  };
  await start();
  return {
    addresses: ports.map((port) => `127.0.0.1:${port}`),
    ask: (...words) => cli(ports[0]!, words),
    kill,
    freeze: () => {
      for (const child of children) child.kill('SIGSTOP');
    },
    wake: () => {
      for (const child of children) child.kill('SIGCONT');
    },
    restart: start,
    stop: async () => {
      await kill();
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

function startServer(
  port: number,
  directory: string,
  cluster: boolean,
  flags: readonly string[],
): ChildProcess {
  const options = ['--port', `${port}`, '--bind', '127.0.0.1', '--dir', directory, '--save', ''];
  const clustered = ['--cluster-enabled', 'yes', '--cluster-config-file', `nodes-${port}.conf`];
  const args = [...options, '--appendonly', 'no', ...(cluster ? clustered : []), ...flags];
  return spawn(server, args, { stdio: 'ignore' });
}

async function cli(port: number, words: readonly string[]): Promise<string> {
  const args = ['-h', '127.0.0.1', '-p', `${port}`, ...words];
  return (await promisify(execFile)('redis-cli', args)).stdout.trim();
}

async function answers(port: number): Promise<void> {
  await until(() => connects(port), `no Redis on port ${port}`);
}

async function clusterIsUp(port: number): Promise<void> {
  const ok = async () => (await cli(port, ['cluster', 'info'])).includes('cluster_state:ok');
  await until(ok, `the cluster is not up on port ${port}`);
}

/** Asks again until it is so. */
export async function until(
  condition: () => boolean | Promise<boolean>,
  otherwise: string,
): Promise<void> {
  const deadline = performance.now() + startMs;
  while (!(await condition())) {
    if (performance.now() > deadline) throw new Error(otherwise);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

function connects(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = createConnection(port, '127.0.0.1');
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}

/** Below 10,000 above which a cluster has its second port. */
async function freePorts(count: number): Promise<number[]> {
  const ports: number[] = [];
  while (ports.length < count) {
    const port = await freePort();
    if (port < 55_000 && !ports.includes(port)) ports.push(port);
  }
  return ports;
}

async function freePort(): Promise<number> {
  const listener = createServer().listen(0, '127.0.0.1');
  await once(listener, 'listening');
  const { port } = listener.address() as { port: number };
  listener.close();
  await once(listener, 'close');
  return port;
}
