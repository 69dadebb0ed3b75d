// The tutorial begins in an empty directory and starts a server of its own.
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { freePort } from './testing/cluster-process.ts';
import { examplesIn } from './testing/documentation-examples.ts';
import { runExamples, whyNoExamples } from './testing/run-examples.ts';

test('a newcomer gets from an empty directory to standings and an export', {
  skip: whyNoExamples,
}, async (t) => {
  const directory = mkdtempSync(path.join(tmpdir(), 'hunt-tutorial-'));
  t.after(() => rmSync(directory, { recursive: true, force: true }));
  const page = readFileSync(new URL('../../../docs/tutorial.md', import.meta.url), 'utf8');
  const examples = examplesIn(page, 'sh run', 'sh serve', 'sh stopped');
  const runners = examples.map(({ runner }) => runner);
  assert.equal(runners.filter((runner) => runner === 'sh serve').length, 1);
  assert.equal(runners.at(-1), 'sh stopped');
  await runExamples(examples, { directory, url: `http://127.0.0.1:${await freePort()}` });
  const [first, ...standings] = readFileSync(path.join(directory, 'standings.csv'), 'utf8')
    .trim()
    .split('\n');
  assert.equal(first, 'rank,team,points,penaltySeconds');
  assert.match(standings.join('\n'), /^1,The early birds,45,\d+$/);
  const events = readFileSync(path.join(directory, 'events.csv'), 'utf8');
  for (const event of ['huntPublished', 'stepSolved', 'treasureGranted']) {
    assert.ok(events.includes(`,${event},`), event);
  }
});
