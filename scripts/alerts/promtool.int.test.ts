// promtool runs a time when it fires and one when it does not for every alert; rules that never fire,
// and rules that always do, fail these for every alert.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { type TestContext, test } from 'node:test';
import { whyNotAvailable } from '@hunt/services';
import { repositoryRoot } from '../repository.ts';
import { rulesTestYaml, rulesYaml } from './alert.ts';
import { alerts, recordings } from './alerts.ts';

const skip = whyNotAvailable('prometheus') ?? false;
const deployed = path.join(repositoryRoot, 'deploy/prometheus');

function promtool(...args: string[]): Promise<{ readonly code: number; readonly output: string }> {
  return new Promise((resolve, reject) => {
    execFile('promtool', args, { timeout: 60_000 }, (error, stdout, stderr) => {
      if (error && typeof error.code !== 'number') reject(error);
      else resolve({ code: Number(error?.code ?? 0), output: `${stdout}${stderr}` });
    });
  });
}

test('the configuration and the rules are sound', { skip }, async () => {
  const config = await promtool('check', 'config', path.join(deployed, 'prometheus.yaml'));
  assert.equal(config.code, 0, config.output);
  assert.match(config.output, new RegExp(`${alerts.length + recordings.length} rules found`));
});

test('every alert fires when it should and is quiet when it should be', { skip }, async () => {
  const { code, output } = await promtool('test', 'rules', path.join(deployed, 'alerts.test.yaml'));
  assert.equal(code, 0, output);
});

/** What promtool says of rules whose every alert has this expression. */
async function judged(t: TestContext, expr: string): Promise<string> {
  const directory = mkdtempSync(path.join(tmpdir(), 'hunt-alerts-'));
  t.after(() => rmSync(directory, { recursive: true }));
  const broken = alerts.map((alert) => ({ ...alert, expr, for: '0s' }));
  const soon = alerts.map((alert) => ({ ...alert, test: { ...alert.test, minutes: 4 } }));
  writeFileSync(path.join(directory, 'alerts.yaml'), rulesYaml(recordings, broken));
  writeFileSync(path.join(directory, 'alerts.test.yaml'), rulesTestYaml(soon));
  const { code, output } = await promtool(
    'test',
    'rules',
    path.join(directory, 'alerts.test.yaml'),
  );
  assert.equal(code, 1, output);
  return output;
}

test('an alert that never fires, and one that always does, is found', { skip }, async (t) => {
  assert.match(readFileSync(path.join(deployed, 'alerts.yaml'), 'utf8'), /severity: page/);
  const never = await judged(t, 'vector(1) > 2');
  const always = await judged(t, 'vector(1)');
  for (const { name, severity } of alerts) {
    const expr = `ALERTS{alertname=\\"${name}\\",severity=\\"${severity}\\"`;
    assert.ok(never.includes(expr), `${name} ${severity} never fires and nobody notices`);
    assert.ok(always.includes(expr), `${name} ${severity} always fires and nobody notices`);
  }
});
