import assert from 'node:assert/strict';
import { test } from 'node:test';
import { whyNoCluster } from '@hunt/cli/testing';
import { whyNotAvailable } from '@hunt/services';
import type { Bench } from './bench.ts';
import { benches } from './benches.ts';

const tiny: Readonly<Record<string, Readonly<Record<string, number>>>> = {
  core: {
    commands: 6_000,
    warmUp: 3_000,
    batch: 100,
    partitions: 2,
    otherBatches: 0,
    redisClaims: 0,
  },
  http: { seconds: 0.3, warmUpSeconds: 0, connections: 4, players: 4 },
  'http-batch': { seconds: 0.3, warmUpSeconds: 0, connections: 4, players: 4, commands: 10 },
  live: { seconds: 0.3, warmUpSeconds: 0, connections: 4, depth: 4 },
  latency: { seconds: 0.3, warmUpSeconds: 0, connections: 50, kneeSeconds: 0.3, players: 8 },
  overload: { seconds: 1, warmUpSeconds: 0, times: 4, kneeSeconds: 0.3, players: 8 },
  brownout: {
    ...{ seconds: 0.5, warmUpSeconds: 0, kneeSeconds: 0.3, kneeConnections: 4 },
    ...{ connections: 16, players: 8 },
  },
  // So many that what the collector gives back meanwhile cannot outweigh them.
  memory: { players: 200_000, partitions: 2 },
  recovery: { commands: 10_000, moreAtMost: 2_000, partitions: 2 },
  claims: {
    claims: 3_000,
    warmUp: 1_000,
    stock: 100,
    batch: 100,
    partitions: 2,
    postgresClaims: 0,
  },
  start: {},
  views: { teams: 1_500, updates: 4_000, perRecord: 100 },
  archive: { events: 2_000, perRecord: 50, perAppend: 10, teams: 100, referenceRows: 500 },
  kafka: { commands: 6_000, warmUp: 1_000, batch: 100, referenceRecords: 2_000 },
  'kafka-latency': { commands: 6_000, warmUp: 1_000, seconds: 0.3, warmUpSeconds: 0.1 },
  nodes: {
    ...{ mostProcesses: 1, perSecond: 20, stillSeconds: 1, warmSeconds: 1, seconds: 1, windows: 2 },
    ...{ mostSimulated: 8, simulatedSeconds: 1 },
  },
  move: { partitions: 2, teams: 8, perSecond: 20, warmUpSeconds: 1, seconds: 1 },
  failover: { partitions: 3, teams: 8, perSecond: 20, warmUpSeconds: 1, seconds: 1 },
  'fan-out': { readers: 20, changes: 2, warmUpChanges: 1, everyMs: 300 },
  skew: { commands: 4_000, warmUp: 0, hunts: 3, teamsPerHunt: 200, treasures: 2, batch: 100 },
  'config-change': { nodes: 2, changes: 2 },
  config: { reads: 20_000, libraryReads: 2_000, properties: 200, watchers: 10 },
  sizing: {
    ...{ calibrationSeconds: 80, calibrationPlayers: 20, rateMost: 50, players: 20 },
    ...{ stepMs: 500, from: 20, most: 40, listeners: 5 },
  },
  telemetry: {
    ...{ commands: 8_000, warmUp: 2_000, batch: 100, smallBatch: 10, partitions: 2, slices: 2 },
  },
};

/** Real servers that a bench cannot do without. */
const servers: Readonly<Record<string, 'cassandra' | 'kafka' | 'zookeeper'>> = {
  archive: 'cassandra',
  kafka: 'kafka',
  'kafka-latency': 'kafka',
  'config-change': 'zookeeper',
};

/** Those on a cluster need all of its servers; `sizing` looks at one server after the other; the rest work all the time. */
type BenchKind = 'on-clusters' | 'sizing' | 'working';

const mostlyWaiting: Readonly<Record<string, BenchKind>> = {
  nodes: 'on-clusters',
  move: 'on-clusters',
  failover: 'on-clusters',
  'fan-out': 'on-clusters',
  skew: 'on-clusters',
  sizing: 'sizing',
};

/**
 * Each bench of the kind runs once with tiny sizes and yields what it promises. How quick anything was is not looked
 * at: that is for quiet machines. Peers that are not installed are said to be missing.
 */
export function testBenches(kind: BenchKind): void {
  for (const bench of benches) {
    const { name } = bench;
    if ((mostlyWaiting[name] ?? 'working') !== kind) continue;
    const server = servers[name];
    const skip =
      (kind === 'on-clusters' ? whyNoCluster : server && whyNotAvailable(server)) ?? false;
    // Servers start slowly where the machine is busy.
    test(`${name} yields a whole result`, { skip, timeout: 400_000 }, () => yieldsAll(bench));
  }
}

async function yieldsAll(bench: Bench): Promise<void> {
  const sizes = tiny[bench.name]!;
  for (const key of Object.keys(sizes)) assert.ok(key in bench.sizes, `no size ${key}`);
  const result = await bench.run({ ...bench.sizes, ...sizes }, 1);
  assert.equal(result.name, bench.name);
  assert.ok(Number.isFinite(result.value) && result.value > 0, `value ${result.value}`);
  assert.equal(typeof result.unit, 'string');
  assert.equal(typeof result.reference, 'string');
  assert.equal(typeof result.met, 'boolean');
  if (result.referenceValue === null) {
    assert.deepEqual([result.ratio, result.met], [null, false]);
    assert.ok(result.note);
  } else assert.ok(result.ratio !== null && result.ratio > 0, `ratio ${result.ratio}`);
  assert.deepEqual(JSON.parse(JSON.stringify(result)), result);
}
