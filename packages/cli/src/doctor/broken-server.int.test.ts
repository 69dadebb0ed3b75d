/*
 * A real server is broken on purpose, people play there, and the doctor has to name what was broken. Where the
 * machine cannot be made slow without asking it, code that runs before the server's own does it: a sync of the disk
 * that takes longer, a fold that takes longer (asleep, so that other tests keep their cores), a clock that is off.
 */
import assert from 'node:assert/strict';
import path from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { type TestContext, test } from 'node:test';
import type { Diagnosis } from '@hunt/engine/diagnosis';
import { type Breakage, BrokenServer } from '../testing/broken-server.ts';
import { runHunt } from '../testing/hunt-process.ts';

const deadlineMs = 90_000;

const slowDisk = `
import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
const { fdatasync } = fs;
fs.fdatasync = (descriptor, done) => setTimeout(() => fdatasync(descriptor, done), 80);
syncBuiltinESMExports();
`;

/** Whatever is decided takes a hundredth of a second longer. */
const slowFold = `
import { registerHooks } from 'node:module';
import { isMainThread } from 'node:worker_threads';
const began = 'beganAt = performance.now();';
const pause = 'Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 10);';
if (!isMainThread) registerHooks({
  load(url, context, next) {
    const loaded = next(url, context);
    if (!url.endsWith('/processor-meter.ts')) return loaded;
    const source = String(loaded.source);
    if (!source.includes(began)) throw new Error('the fold is begun with elsewhere');
    return { ...loaded, source: source.replace(began, began + pause) };
  },
});
`;

/** Objects by the thousand, nearly as many as the heap holds, and always some that are new. */
const shortMemory = `
import { isMainThread } from 'node:worker_threads';
const kept = [];
let next = 0;
if (isMainThread) setInterval(() => {
  kept[next] = Array.from({ length: 12_000 }, (_, index) => ({ index, text: [index] }));
  next = (next + 1) % 75;
}, 4).unref();
`;

/** A transaction of the archive takes four seconds longer. */
const slowArchive = `
import { isMainThread } from 'node:worker_threads';
const { DatabaseSync } = process.getBuiltinModule('node:sqlite');
const { exec } = DatabaseSync.prototype;
if (!isMainThread) DatabaseSync.prototype.exec = function (sql) {
  if (/^BEGIN/i.test(sql)) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 4_000);
  return exec.call(this, sql);
};
`;

const shiftedClock = (seconds: number) =>
  `const now = Date.now; Date.now = () => now() + ${seconds * 1_000};`;

async function diagnosis(url: string): Promise<Diagnosis & { readonly code: number | null }> {
  const { code, output, errors } = await runHunt([
    ...['doctor', '--target', url, '--seconds', '4', '--json'],
  ]);
  assert.ok(output !== '', errors);
  return { ...JSON.parse(output), code };
}

/** What a machine that others use, too, may be short of by itself. */
const machinesOwn = new Set([
  ...['slow-disk', 'gc-pressure', 'gateway-busy', 'processors-busy', 'cores-busy'],
  ...['memory-near', 'disk-filling'],
]);

/**
 * Looks again until the cause is named first, before all but what the machine itself is short of: the load has to build
 * up.
 */
async function names(url: string, id: string): Promise<NonNullable<Diagnosis['limit']>> {
  const until = performance.now() + deadlineMs;
  for (;;) {
    const { limit, others, code, headroom } = await diagnosis(url);
    const found = [limit, ...others].filter((finding) => finding !== null);
    const named = found.find((finding) => finding.id === id || !machinesOwn.has(finding.id));
    if (named?.id === id && named.followsFrom === null) {
      assert.equal(code, 1);
      return named;
    }
    if (performance.now() > until) {
      const all = found.map((finding) => `${finding.id} ${JSON.stringify(finding.evidence)}`);
      assert.fail(`not ${id}, but ${all.join('\n')}\n${JSON.stringify(headroom)}`);
    }
  }
}

async function broken(t: TestContext, breakage: Breakage): Promise<BrokenServer> {
  const server = await BrokenServer.start(breakage);
  t.after(() => server.stop());
  return server;
}

const options = { timeout: 180_000 };

test('a server that is well and has little to do', options, async (t) => {
  const server = await broken(t, {});
  await server.play({ teams: 2 });
  const { limit, others, processes, headroom } = await diagnosis(server.url);
  const found = [limit, ...others].flatMap((finding) => finding?.id ?? []);
  assert.deepEqual(
    found.filter((id) => !machinesOwn.has(id)),
    [],
  );
  assert.ok(headroom.decidedPerSecond > 0);
  assert.deepEqual(processes, [new URL(server.url).host]);
});

test('a slow disk', options, async (t) => {
  const server = await broken(t, { preload: slowDisk });
  await server.play({ teams: 8 });
  const { evidence, page } = await names(server.url, 'slow-disk');
  assert.match(evidence[0]!.says, /took (8\d|9\d|1\d\d)(\.\d)? ms on average/);
  assert.equal(page, 'docs/runbooks/decisions-slow.md');
});

test('a small buffer', options, async (t) => {
  const settings = ['gateway.inflightMaxCommands=2', 'gateway.socketInflightMax=2'];
  const server = await broken(t, { settings });
  await server.play({ teams: 3, atOnce: 4, pauseMs: 20 });
  const { settings: named } = await names(server.url, 'small-buffer');
  assert.deepEqual(named, [{ name: 'gateway.inflightMaxCommands', value: '2', default: '20000' }]);
});

test('too few partitions', options, async (t) => {
  const server = await broken(t, { preload: slowFold });
  await server.play({ teams: 24 });
  const { helps } = await names(server.url, 'too-few-partitions');
  assert.match(helps, /--partitions N/);
});

test('a hot partition', options, async (t) => {
  const server = await broken(t, { preload: slowFold, partitions: 4 });
  await server.play({ teams: 1, atOnce: 24 });
  const { where } = await names(server.url, 'hot-partition');
  assert.match(where, /^partition [0-3] on 127/);
});

test('pressure on the collector of garbage', options, async (t) => {
  const server = await broken(t, {
    preload: shortMemory,
    nodeOptions: '--max-old-space-size=128',
  });
  await server.play({ teams: 2 });
  const { where } = await names(server.url, 'gc-pressure');
  assert.match(where, /^thread main of 127/);
});

test('a clock that is off', options, async (t) => {
  const server = await broken(t, { preload: shiftedClock(-180) });
  const { evidence } = await names(server.url, 'clock-skew');
  assert.match(evidence[0]!.says, /clock is 3 min behind the one here/);
});

test('a starved consumer', options, async (t) => {
  const settings = ['archive.batchMaxBytes=64KiB'];
  const server = await broken(t, { preload: slowArchive, settings });
  await server.play({ teams: 8 });
  const { where, settings: named } = await names(server.url, 'starved-consumer');
  assert.match(where, /^archiver of 127/);
  assert.equal(named[0]?.name, 'archive.batchMaxBytes');
});

test('an archive that somebody else keeps locked', options, async (t) => {
  const server = await broken(t, {});
  await server.play({ teams: 2 });
  const database = new DatabaseSync(path.join(server.data, 'archive.db'));
  t.after(() => database.close());
  database.exec('BEGIN IMMEDIATE');
  await names(server.url, 'archive-down');
});
