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
import { uploadSlowly } from '../testing/slow-uploads.ts';

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

/** Objects by the thousand, four fifths of what the heap holds beside the server, and always some that are new. */
const shortMemory = `
import { isMainThread } from 'node:worker_threads';
const kept = [];
let next = 0;
if (isMainThread) setInterval(() => {
  kept[next] = Array.from({ length: 12_000 }, (_, index) => ({ index, text: [index] }));
  next = (next + 1) % 62;
}, 4).unref();
`;

/** The thread of the gateway stands still for a tenth of a second, twice a second. */
const lateLoop = `
import { isMainThread } from 'node:worker_threads';
const stand = () => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 100);
if (isMainThread) setInterval(stand, 500).unref();
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

/**
 * Commands take a fifth of a second to the processors, of which nobody is short, and admission does not look whether
 * letting in fewer makes them quicker.
 */
const slowWay = `
import { registerHooks } from 'node:module';
const changes = {
  '/processor-client.ts': [
    'return this.#threadOf(partition).send(partition, record);',
    'const copy = record.slice(); setTimeout(() => this.#threadOf(partition).send(partition, copy), 200); return 0;',
  ],
  '/least-load-probe.ts': ['get isDue(): boolean {', 'get isDue(): boolean { return false;'],
};
registerHooks({
  load(url, context, next) {
    const loaded = next(url, context);
    const [, change] = Object.entries(changes).find(([file]) => url.endsWith(file)) ?? [];
    if (change === undefined) return loaded;
    const source = String(loaded.source);
    if (!source.includes(change[0])) throw new Error('what is to be broken is elsewhere');
    return { ...loaded, source: source.replace(change[0], () => change[1]) };
  },
});
`;

const shiftedClock = (seconds: number) =>
  `const now = Date.now; Date.now = () => now() + ${seconds * 1_000};`;

async function diagnosis(url: string): Promise<Diagnosis & { readonly code: number | null }> {
  const { code, output, errors } = await runHunt([
    ...['doctor', '--target', url, '--seconds', '4', '--json'],
  ]);
  const found = output === '' ? {} : JSON.parse(output);
  assert.ok('others' in found, `the doctor could not look: ${output} ${errors}`);
  return { ...found, code };
}

/** What a machine that others use, too, may be short of by itself. */
const machinesOwn = new Set([
  ...['slow-disk', 'gc-pressure', 'gateway-busy', 'processors-busy', 'cores-busy'],
  // The loop turns late where others have the cores.
  ...['memory-near', 'disk-filling', 'brownout'],
]);

const allOf = ({ limit, others }: Diagnosis) =>
  [limit, ...others].filter((finding) => finding !== null);

/**
 * Looks again until the cause is named first, before all but what the machine itself is short of: the load has to build
 * up.
 */
async function names(url: string, id: string): Promise<NonNullable<Diagnosis['limit']>> {
  const until = performance.now() + deadlineMs;
  for (;;) {
    const { code, headroom, ...seen } = await diagnosis(url);
    const found = allOf({ ...seen, headroom });
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

/** Looks again until the finding is said to follow from one of these. */
async function followsFrom(url: string, id: string, reasons: ReadonlySet<string>) {
  const until = performance.now() + deadlineMs;
  for (;;) {
    const found = allOf(await diagnosis(url));
    const named = found.find((finding) => finding.id === id);
    if (named?.followsFrom && reasons.has(named.followsFrom)) return named;
    const all = found.map((finding) => `${finding.id} from ${finding.followsFrom}`);
    if (performance.now() > until) assert.fail(`${id} does not follow: ${all.join(', ')}`);
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

test('refusals while everybody has time', options, async (t) => {
  const server = await broken(t, { preload: slowWay });
  await server.play({ teams: 16, atOnce: 8, pauseMs: 50 });
  const { evidence, settings } = await names(server.url, 'refusals-while-idle');
  assert.match(evidence[0]!.says, /commands a second are turned away/);
  assert.match(evidence[1]!.says, /^admission lets in (6[4-9]|[7-9]\d) commands/);
  assert.equal(settings[0]?.name, 'gateway.admissionTargetMs');
});

test('too few partitions', options, async (t) => {
  const server = await broken(t, { preload: slowFold });
  await server.play({ teams: 24 });
  const { helps } = await names(server.url, 'too-few-partitions');
  assert.match(helps, /--partitions N/);
});

test('a level of brown-out that is pinned', options, async (t) => {
  const server = await broken(t, { settings: ['gateway.brownoutLeast=3'] });
  await server.play({ teams: 2, reads: true, pauseMs: 20 });
  const { effect, evidence, helps, settings } = await names(server.url, 'brownout');
  assert.equal(effect, 'refuses');
  const lines = evidence.map(({ says }) => says).join('\n');
  assert.match(lines, /^level 3 of 3: .*\n(.*\n)*gateway.brownoutLeast holds level 3/);
  assert.match(lines, /reads a second are turned away for it$/m);
  assert.match(lines, /brown-out lets 0% through$/m);
  assert.match(helps, /gateway.brownout/);
  const held = settings.find(({ name }) => name === 'gateway.brownoutLeast');
  assert.deepEqual(held, { name: 'gateway.brownoutLeast', value: '3', default: '0' });
});

test('brown-out of a gateway whose thread stands still now and then', options, async (t) => {
  const settings = ['gateway.brownoutDelayMs=5'];
  const server = await broken(t, { preload: lateLoop, settings });
  const { evidence, helps, settings: named } = await names(server.url, 'brownout');
  assert.match(evidence[1]!.says, /by how late the main thread turns/);
  assert.match(helps, /^The main thread is late/);
  assert.equal(named[0]?.name, 'gateway.brownoutDelayMs');
});

test('brown-out for commands that wait, and what they wait for', options, async (t) => {
  const settings = ['gateway.brownoutAgeMs=50'];
  const server = await broken(t, { preload: slowFold, settings });
  await server.play({ teams: 24 });
  await names(server.url, 'too-few-partitions');
  // The machine may be short of something at the same time.
  const reasons = new Set([...machinesOwn, 'too-few-partitions']);
  const { evidence } = await followsFrom(server.url, 'brownout', reasons);
  assert.ok(evidence.some(({ says }) => /by how long the oldest command waits/.test(says)));
});

test('more reads than may be answered at once', options, async (t) => {
  const server = await broken(t, { settings: ['gateway.readsMax=1'] });
  await server.play({ teams: 2, atOnce: 8, reads: true });
  const { where, settings: named } = await names(server.url, 'reads-full');
  assert.match(where, /^127/);
  assert.equal(named[0]?.name, 'gateway.readsMax');
});

test('lines that are slower than those who send have time', options, async (t) => {
  const server = await broken(t, {});
  const [player] = await server.play({ teams: 1, pauseMs: 50 });
  let isOver = false;
  t.after(() => {
    isOver = true;
  });
  const { url } = server;
  const upload = async () => {
    const from = { url, token: player!.token!, timeoutMs: 50, stalledMs: 200 };
    // The last ones find the server gone.
    while (!isOver) await uploadSlowly(from).catch(() => 0);
  };
  const uploads = Array.from({ length: 8 }, upload);
  t.after(() => Promise.all(uploads));
  const { evidence, helps } = await names(url, 'deadlines-pass');
  assert.match(evidence[0]!.says, /most are of the kind command$/);
  assert.match(helps, /lines of those who send are slow/);
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
