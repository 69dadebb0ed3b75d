import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { huntInProcess } from '../testing/hunt-in-process.ts';
import { runHunt } from '../testing/hunt-process.ts';

test('trials are real servers under load, and too few of them say nothing', async () => {
  const directory = mkdtempSync(path.join(tmpdir(), 'hunt-tune-test-'));
  try {
    const out = path.join(directory, 'tuned.yaml');
    const setting = ['--setting', 'gateway.answerCacheMax'];
    const short = ['--minutes', '0.1', '--rate', '50', ...setting];
    const { code, output, errors } = await runHunt(['tune', ...short, '--out', out, '--json']);
    // As soon as the time is over, whatever it was enough for.
    assert.equal(code, 4, errors);
    const { defaults, trials, isComplete, recommended, knee } = JSON.parse(output);
    assert.deepEqual([isComplete, recommended, knee], [false, {}, 50]);
    assert.ok(trials >= 1 && defaults.p99Ms > 0 && defaults.perSecond > 1);
    assert.match(readFileSync(out, 'utf8'), /^# hunt tune: \d+ trials around 50\/s\n/);
    const check = await huntInProcess(['config', 'check', out]);
    assert.equal(check.code, 0, check.output);
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
});

test('a setting that is not tuned is refused with those that are', async () => {
  const { code, errors } = await huntInProcess(['tune', '--setting', 'gateway.keepAliveMs']);
  assert.equal(code, 2);
  assert.match(errors, /--setting must be one of gateway\.admissionTargetMs, /);
});
