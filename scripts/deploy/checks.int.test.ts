// The checks whose tools are installed in seconds; npm run deploy:check has the others.
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { repositoryRoot } from '../repository.ts';
import { missingPrograms } from '../system-packages.ts';
import { renderedFile } from './chart.ts';
import { containerFileProblems, objectProblems } from './checks.ts';

const python = { program: 'python3', debianPackage: 'python3-venv', usedBy: 'this test' };
const needs = missingPrograms([python], process.env['PATH'] ?? '');
// The first run on a machine installs the tools, over whatever network there is.
const options = { skip: needs.length > 0 && 'needs: python3', timeout: 5 * 60_000 };

/** A file with one thing changed. */
function changed(file: string, from: string, to: string): string {
  const text = readFileSync(file, 'utf8');
  assert.ok(text.includes(from), from);
  const copy = path.join(folder, path.basename(file));
  writeFileSync(copy, text.replace(from, to));
  return copy;
}

const folder = mkdtempSync(path.join(tmpdir(), 'hunt-checks-'));
test.after(() => rmSync(folder, { recursive: true }));

test('hadolint finds nothing in the container file, and would', options, async () => {
  const file = path.join(repositoryRoot, 'deploy/container/Dockerfile');
  assert.deepEqual(await containerFileProblems(file), []);
  const [problem] = await containerFileProblems(changed(file, 'USER 10001:10001', 'USER root'));
  assert.match(problem ?? '', /DL3002/);
});

test('Kubernetes takes what the chart makes, and would refuse other things', options, async () => {
  for (const name of ['small', 'large'] as const) {
    assert.deepEqual(await objectProblems(renderedFile(name)), []);
  }
  const wrong = changed(renderedFile('small'), 'failureThreshold', 'failureTreshold');
  assert.match((await objectProblems(wrong)).join('\n'), /failureTreshold/);
});
