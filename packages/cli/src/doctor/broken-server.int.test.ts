/*
 * A real server is broken on purpose, people play there, and the doctor has to name what was broken. What its settings
 * and the crowd cannot break a module does that the server loads before its own code: a sync of the disk that takes
 * longer, a fold that takes longer (asleep, so that other tests keep their cores), a clock that is off.
 */
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import path from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { type TestContext, test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import type { Diagnosis } from '@hunt/engine/diagnosis';
import { createPlayerClient } from '@hunt/sdk';
import { BrokenServer, type BrokenServerPlan } from '../testing/broken-server.ts';
import { runHunt } from '../testing/hunt-process.ts';
import { uploadSlowly } from '../testing/slow-uploads.ts';

const deadlineMs = 90_000;

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

async function broken(t: TestContext, plan: BrokenServerPlan): Promise<BrokenServer> {
  const server = await BrokenServer.start(plan);
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
  const server = await broken(t, { breakage: 'slow-disk' });
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

test('a full table', options, async (t) => {
  const server = await broken(t, { settings: ['processor.tableMaxRows=1000'] });
  const asked = { baseUrl: server.url, hunt: 'city-lights', retry: { attemptsMax: 1 } };
  const coming = new AbortController();
  const come = async () => {
    while (!coming.signal.aborted) {
      const team = { name: `Team ${randomUUID()}` };
      const player = createPlayerClient(asked);
      // There is no room for it, or the server is gone.
      await player.join({ name: 'Ada', team }).catch(() => pause(20));
    }
  };
  const teams = Array.from({ length: 8 }, come);
  t.after(() => {
    coming.abort();
    return Promise.all(teams);
  });
  const { where, evidence, settings } = await names(server.url, 'full-table');
  assert.match(where, /^partition 0 on 127/);
  // A team of this hunt takes two rows of slots, and one of each other table.
  assert.match(evidence[0]!.says, /^there is no room in table slots: /);
  assert.match(evidence[1]!.says, /commands are refused for want of room, a second$/);
  assert.equal(settings[0]?.name, 'processor.tableMaxRows');
});

test('a fault of the program', options, async (t) => {
  const server = await broken(t, { breakage: 'faulty-rules' });
  await server.play({ teams: 2, pauseMs: 20 });
  const { where, evidence, page } = await names(server.url, 'program-faults');
  assert.match(where, /^partition 0 on 127/);
  assert.match(evidence[0]!.says, /commands a second are not done, .* veltrix-decide-failed/);
  assert.match(evidence[1]!.says, /faulted at submit-answer \(\d+\)$/);
  assert.equal(page, 'docs/runbooks/program-faults.md');
  const line = await server.said<{ partition: number; of: string; type: string }>(
    'a fault of the program: something was not decided',
  );
  assert.deepEqual(line.hunt, { partition: 0, of: 'command', type: 'submit-answer' });
  assert.deepEqual(
    [line['error.type'], line['error.message']],
    ['TypeError', 'answers are broken'],
  );
  assert.match(line['error.stack_trace']!, /faulty-rules/);
});

test('refusals while everybody has time', options, async (t) => {
  const server = await broken(t, { breakage: 'slow-way' });
  await server.play({ teams: 16, atOnce: 8, pauseMs: 50 });
  const { evidence, settings } = await names(server.url, 'refusals-while-idle');
  assert.match(evidence[0]!.says, /commands a second are turned away/);
  assert.match(evidence[1]!.says, /^admission lets in (6[4-9]|[7-9]\d) commands/);
  assert.equal(settings[0]?.name, 'gateway.admissionTargetMs');
});

test('too few partitions', options, async (t) => {
  const server = await broken(t, { breakage: 'slow-fold' });
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
  const server = await broken(t, { breakage: 'late-loop', settings });
  const { evidence, helps, settings: named } = await names(server.url, 'brownout');
  assert.match(evidence[1]!.says, /by how late the main thread turns/);
  assert.match(helps, /^The main thread is late/);
  assert.equal(named[0]?.name, 'gateway.brownoutDelayMs');
});

test('brown-out for commands that wait, and what they wait for', options, async (t) => {
  const settings = ['gateway.brownoutAgeMs=50'];
  const server = await broken(t, { breakage: 'slow-fold', settings });
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
  const server = await broken(t, { breakage: 'slow-fold', partitions: 4 });
  await server.play({ teams: 1, atOnce: 24 });
  const { where } = await names(server.url, 'hot-partition');
  assert.match(where, /^partition [0-3] on 127/);
});

test('pressure on the collector of garbage', options, async (t) => {
  const server = await broken(t, {
    breakage: 'short-memory',
    nodeOptions: '--max-old-space-size=128',
  });
  await server.play({ teams: 2 });
  const { where } = await names(server.url, 'gc-pressure');
  assert.match(where, /^thread main of 127/);
});

test('a clock that is off', options, async (t) => {
  const server = await broken(t, { breakage: 'clock-behind' });
  const { evidence } = await names(server.url, 'clock-skew');
  assert.match(evidence[0]!.says, /clock is 3 min behind the one here/);
});

test('a starved consumer', options, async (t) => {
  const settings = ['archive.batchMaxBytes=64KiB'];
  const server = await broken(t, { breakage: 'slow-archive', settings });
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
