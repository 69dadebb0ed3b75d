import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, type TestContext, test } from 'node:test';
import { NodeDisk, systemClock } from 'veltrix';
import { openEmbeddedLogReader } from 'veltrix/embedded';
import { readArchivedLog } from '../archive/archived-log.ts';
import { startEngine } from '../engine.ts';
import type { SettingValues } from '../engine-settings.ts';
import { compiled, testHuntSource } from '../gateway/testing/test-hunt.ts';
import { until } from '../testing/until.ts';
import { verifyData } from '../verify/verify-data.ts';

/*
 * A whole engine on a real directory, with segments so small that a crowd fills several of them: what
 * is archived and checkpointed goes, and everything else works as before.
 */
const segmentBytes = 1 << 20;
const settings: SettingValues = {
  'log.segmentBytes': segmentBytes,
  'log.recordMaxBytes': 512 * 1024,
  'processor.checkpointEveryDecisions': 100,
  'gateway.recordMaxBytes': 65_536,
};
const retaining: SettingValues = {
  ...settings,
  'log.retainBytes': 0,
  'log.retainIntervalMs': 100,
};
const teamsPerBatch = 500;

let root: string;
before(() => {
  root = mkdtempSync(join(tmpdir(), 'hunt-retention-'));
});
after(() => rmSync(root, { recursive: true, force: true }));

let batches = 0;
async function open(t: TestContext, directory: string, values: SettingValues) {
  const engine = await startEngine({
    ...{ directory, host: '127.0.0.1', port: 0, logLevel: 'silent', partitions: 1 },
    hunts: [compiled(testHuntSource)],
    settings: values,
  });
  const authorization = `Bearer ${readFileSync(engine.organiserKeyFile, 'utf8').trim()}`;
  t.after(() => engine.close());
  await until(async () => (await fetch(`${engine.url}/readyz`)).ok);
  async function post(commands: object): Promise<{ results: { outcome: string }[] }> {
    const response = await fetch(`${engine.url}/v1/hunts/test-hunt/commands/batch`, {
      method: 'POST',
      headers: { authorization, 'content-type': 'application/json' },
      body: JSON.stringify(commands),
    });
    assert.equal(response.status, 200, await response.clone().text());
    return (await response.json()) as { results: { outcome: string }[] };
  }
  return {
    close: () => engine.close(),
    async send(command: object): Promise<string> {
      const body = { commands: [command] };
      const { results } = await post(body);
      return results[0]!.outcome;
    },
    /** Teams solve steps and ask for coins; every command is acknowledged. */
    async play(batchCount: number) {
      for (let batch = 0; batch < batchCount; batch++) {
        batches += 1;
        const commands = Array.from({ length: teamsPerBatch }, (_, number) => [
          { type: 'submit-answer', step: 'gate', answer: 'water', team: `T${batches}-${number}` },
          { type: 'claim-treasure', treasure: 'coin', team: `T${batches}-${number}` },
        ]).flat();
        const { results } = await post({ commands });
        assert.ok(results.every(({ outcome }) => outcome !== undefined));
      }
    },
    async standings() {
      const response = await fetch(`${engine.url}/v1/hunts/test-hunt/standings?limit=3`);
      const body = (await response.json()) as { total: number; standings: unknown[] };
      return { total: body.total, standings: body.standings };
    },
  };
}

const segmentsOf = (directory: string) =>
  readdirSync(join(directory, 'log', 'p-0000')).filter((name) => name.endsWith('.seg'));
const isShortened = (directory: string) => !segmentsOf(directory)[0]!.includes('0000000000000000');
const checkpointsOf = (directory: string) => join(directory, 'checkpoints', 'p-0000');
function damage(path: string): void {
  const bytes = readFileSync(path);
  bytes.fill(0xa5, bytes.length >> 1, (bytes.length >> 1) + 64);
  writeFileSync(path, bytes);
}

const verify = (directory: string) =>
  verifyData({ directory, disk: new NodeDisk(), clock: systemClock, tableMaxRows: 1 << 20 });

test('unless told otherwise everything is kept', async (t) => {
  const directory = join(root, 'everything');
  const engine = await open(t, directory, settings);
  await engine.play(12);
  await until(() => readdirSync(checkpointsOf(directory)).length > 2);
  await engine.close();
  assert.ok(segmentsOf(directory).length > 3);
  const report = await verify(directory);
  assert.equal(report.partitions[0]!.from, 1);
  assert.equal(report.violations, 0);
});

test('what is archived and checkpointed goes, and what is left starts again and is proven', async (t) => {
  const directory = join(root, 'shortened');
  let engine = await open(t, directory, retaining);
  const dinner = { treasure: 'dinner', team: 'Diners' };
  assert.equal(await engine.send({ type: 'claim-treasure', ...dinner }), 'reserved');
  while (!isShortened(directory)) await engine.play(4);
  // A proof that begins after the reservation still knows of it.
  assert.equal(await engine.send({ type: 'collect-treasure', ...dinner }), 'collected');
  const before = await engine.standings();
  await engine.close();

  const report = await verify(directory);
  assert.deepEqual(report.firstViolations, []);
  const [partition] = report.partitions;
  assert.ok(partition!.from > 1, `proven from ${partition!.from}`);
  assert.equal(partition!.checkpoint, 'equal');
  assert.equal(report.decisions, report.commands);

  engine = await open(t, directory, retaining);
  assert.deepEqual(await engine.standings(), before);
  const first = segmentsOf(directory)[0];
  while (segmentsOf(directory)[0] === first) await engine.play(4);
  const { total } = await engine.standings();
  assert.ok(total > before.total);
  await engine.close();
  assert.equal((await verify(directory)).violations, 0);

  // The newest is damaged: an older one and a longer tail give the same state.
  damage(join(checkpointsOf(directory), readdirSync(checkpointsOf(directory)).sort().at(-1)!));
  engine = await open(t, directory, settings);
  assert.equal((await engine.standings()).total, total);
  await engine.close();
  // All are: what they held is nowhere else any more.
  for (const name of readdirSync(checkpointsOf(directory))) {
    damage(join(checkpointsOf(directory), name));
  }
  await assert.rejects(open(t, directory, retaining), { id: 'veltrix-checkpoint-damaged' });
  await assert.rejects(verify(directory), { id: 'veltrix-checkpoint-damaged' });
});

test('what was removed from the log is in the archive, and without that nothing goes', async (t) => {
  const directory = join(root, 'archived');
  let engine = await open(t, directory, retaining);
  while (!isShortened(directory)) await engine.play(4);
  await engine.close();
  const log = openEmbeddedLogReader(join(directory, 'log'), new NodeDisk());
  const first = log.partition(0).start('events');
  let next = 1;
  await readArchivedLog(directory, 0, first, (offset) => assert.equal(offset, next++));
  assert.equal(next, first);

  // An archive that begins anew lacks what the log no longer has, and says so.
  for (const name of readdirSync(directory)) {
    if (name.startsWith('archive.db')) rmSync(join(directory, name));
  }
  engine = await open(t, directory, retaining);
  const [oldest] = segmentsOf(directory);
  await engine.play(20);
  await engine.close();
  assert.equal(segmentsOf(directory)[0], oldest);
  await assert.rejects(
    readArchivedLog(directory, 0, first, () => assert.fail('there is nothing')),
    { id: 'veltrix-log-offset-gone' },
  );
});

test('so much is kept as log.retainBytes says', async (t) => {
  const directory = join(root, 'newest');
  const kept = 8;
  const values = { ...retaining, 'log.retainBytes': kept * segmentBytes };
  const engine = await open(t, directory, values);
  while (!isShortened(directory)) await engine.play(4);
  await engine.close();
  // One more is prepared and not in use.
  assert.ok(segmentsOf(directory).length > kept, `${segmentsOf(directory)}`);
});
