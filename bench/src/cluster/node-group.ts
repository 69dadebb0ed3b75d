import { writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { SharedLog } from 'veltrix';
import { openKafkaSharedLog } from 'veltrix/kafka';
import { median } from '../bench.ts';
import { benchHunt } from '../crowd/bench-hunt.ts';
import { CommandFeeder } from '../crowd/command-feeder.ts';
import { contestCommands } from '../crowd/contest-commands.ts';
import { processCpuSeconds } from '../measure/process-cpu.ts';
import { residentBytes } from '../measure/process-memory.ts';
import { type Child, startChild } from '../server/child.ts';
import { freePort } from '../server/free-port.ts';
import { type CountedTraffic, CountingProxy } from './counting-proxy.ts';
import { sharedLogClient } from './shared-log-client.ts';
import { Stillness } from './stillness.ts';

const program = new URL('../../../packages/cli/bin/hunt.js', import.meta.url);
const dedupeWindow = 1 << 16;
const tickMs = 100;
const lookEveryMs = 1_000;
const ownedWithinMs = 180_000;

export interface NodeGroupOptions {
  readonly count: number;
  readonly partitionsPerNode: number;
  /** Commands for each node. */
  readonly perSecond: number;
  /** Nothing is counted before no partition has moved for so long, or `stillWithinSeconds` have passed. */
  readonly stillSeconds: number;
  readonly stillWithinSeconds: number;
  /** Nor before all nodes have run for so long: young ones still compile their code. */
  readonly warmSeconds: number;
  /** Of one window. */
  readonly seconds: number;
  readonly windows: number;
  readonly kafka: readonly string[];
  readonly zookeeper: string;
  readonly directory: string;
}

/** Per node and second, and what else there is to say. */
export interface NodeGroupCost {
  readonly nodes: number;
  readonly messages: number;
  readonly bytes: number;
  /** The median of the windows. */
  readonly cpuMs: number;
  readonly cpuMsByWindow: readonly number[];
  readonly decided: number;
  /** Bytes by what was asked, answers included. */
  readonly bytesByKind: Readonly<Record<string, number>>;
  readonly megabytes: number;
  /** From when all nodes ran until it was counted. */
  readonly countedAfterSeconds: number;
  /** False when they had not, or moved while it was counted. */
  readonly isStill: boolean;
}

/**
 * So many processes of `hunt serve` that own and stand by for partitions, as many for each of them at any count, with
 * as many commands for each; what keeping them in order costs, counted on the way to ZooKeeper.
 */
export async function nodeGroupCost(options: NodeGroupOptions): Promise<NodeGroupCost> {
  const { count, partitionsPerNode, perSecond, stillSeconds, stillWithinSeconds } = options;
  const partitionCount = count * partitionsPerNode;
  const prefix = `nodes-${count}`;
  const kafka = { bootstrap: options.kafka, prefix, replication: 1 };
  const proxy = await CountingProxy.start(options.zookeeper);
  const nodes: Child<unknown>[] = [];
  let log: SharedLog | undefined;
  try {
    // Nobody has a role that asks Redis, Cassandra or the keeper of identities.
    const unused = '127.0.0.1:9';
    const fileFor = (whom: string, connect: string) => {
      const file = path.join(options.directory, `${prefix}-${whom}.json`);
      const cluster = {
        ...{ node: 'unnamed', address: unused, partitions: partitionCount, dedupeWindow, kafka },
        ...{ secrets: 'secrets', identity: { address: unused }, redis: { addresses: [unused] } },
        zookeeper: { connect, prefix: `/${prefix}` },
        cassandra: {
          ...{ contactPoints: [unused], dataCenter: 'none' },
          replication: { class: 'SimpleStrategy', replication_factor: 1 },
        },
      };
      writeFileSync(file, JSON.stringify(cluster));
      return file;
    };
    const file = fileFor('nodes', proxy.address);
    log = await openKafkaSharedLog({ ...kafka, partitionCount, dedupeWindow });
    // As many at once as there are cores: each start is a second of work.
    for (let first = 0; first < count; first += availableParallelism()) {
      const names = Array.from(
        { length: Math.min(availableParallelism(), count - first) },
        (_, index) => `node-${first + index}`,
      );
      nodes.push(...(await Promise.all(names.map((name) => startNode(file, name)))));
    }
    const feeder = new CommandFeeder(sharedLogClient(log), 100);
    // Decided by whoever owns it: so all partitions have owners then.
    await within(ownedWithinMs, feeder.publish(benchHunt()));
    const next = contestCommands(benchHunt());
    const run = async (forMs: number) => {
      const until = performance.now() + forMs;
      let due = performance.now();
      for (let left = 0; performance.now() < until; due += tickMs) {
        left += (perSecond * count * tickMs) / 1_000;
        await feeder.feed(Math.floor(left), next);
        left -= Math.floor(left);
        await pause(Math.max(0, due + tickMs - performance.now()));
      }
    };
    const runsFrom = performance.now();
    // Past the proxy: what is asked here is not theirs.
    const stillness = await Stillness.watch(fileFor('bench', options.zookeeper), stillSeconds);
    const read = () => ({
      at: performance.now(),
      messages: proxy.traffic.messages,
      bytes: proxy.traffic.bytes,
      byKind: bytesByKind(proxy.traffic),
      decided: feeder.counts.commands,
      cpu: nodes.reduce((sum, { pid }) => sum + processCpuSeconds(pid), 0),
    });
    const warmAt = runsFrom + options.warmSeconds * 1_000;
    const until = runsFrom + stillWithinSeconds * 1_000;
    const counted = async () => {
      while (!(await stillness.look()) && performance.now() < until) await run(lookEveryMs);
      await run(warmAt - performance.now());
      const readings = [read()];
      for (let window = 0; window < options.windows; window++) {
        await run(options.seconds * 1_000);
        readings.push(read());
      }
      await stillness.look();
      return readings;
    };
    const readings = await counted().finally(() => stillness.close());
    const [before, after] = [readings[0]!, readings.at(-1)!];
    const countedAfterSeconds = (before.at - runsFrom) / 1_000;
    const per = (count * (after.at - before.at)) / 1_000;
    const cpuMsByWindow = readings.slice(1).map(({ at, cpu }, window) => {
      const from = readings[window]!;
      return ((cpu - from.cpu) * 1_000_000) / (count * (at - from.at));
    });
    const memory = nodes.map(({ pid }) => residentBytes(pid, 'VmRSS') ?? 0);
    return {
      nodes: count,
      messages: (after.messages - before.messages) / per,
      bytes: (after.bytes - before.bytes) / per,
      cpuMs: median(cpuMsByWindow),
      cpuMsByWindow: cpuMsByWindow.map(Math.round),
      decided: (after.decided - before.decided) / per,
      bytesByKind: Object.fromEntries(
        Object.entries(after.byKind)
          .map(([kind, bytes]) => [kind, Math.round((bytes - (before.byKind[kind] ?? 0)) / per)])
          .filter(([, bytes]) => bytes !== 0),
      ),
      megabytes: memory.reduce((sum, bytes) => sum + bytes, 0) / count / 1e6,
      countedAfterSeconds,
      isStill: stillness.isStill,
    };
  } finally {
    await Promise.all(nodes.map((node) => node.kill()));
    await new Promise<void>((resolve) => (log ? log.close(() => resolve()) : resolve()));
    await proxy.stop();
  }
}

function bytesByKind({ byKind }: CountedTraffic): Readonly<Record<string, number>> {
  return Object.fromEntries([...byKind].map(([kind, { bytes }]) => [kind, bytes]));
}

async function startNode(file: string, name: string): Promise<Child<unknown>> {
  return startChild([
    ...[program, 'serve', '--json', '--cluster', file, '--node', name],
    ...['--address', `127.0.0.1:${await freePort()}`, '--roles', 'processor,coordinator'],
  ]);
}

async function within<Result>(milliseconds: number, task: Promise<Result>): Promise<Result> {
  const abort = new AbortController();
  const late = pause(milliseconds, undefined, { signal: abort.signal }).then(() => {
    throw new Error(`not all partitions had an owner within ${milliseconds} ms`);
  });
  try {
    return await Promise.race([task, late]);
  } finally {
    abort.abort();
    late.catch(() => {});
  }
}
