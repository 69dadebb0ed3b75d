import assert from 'node:assert/strict';
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { onPath } from '../testing/on-path.ts';

const program = fileURLToPath(new URL('../../bin/hunt.js', import.meta.url));

let directory: string;
before(() => {
  directory = mkdtempSync(path.join(tmpdir(), 'hunt-serve-'));
});
after(() => rmSync(directory, { recursive: true, force: true }));

/** A `hunt serve`, once it has said everything. */
async function served() {
  const flags = ['serve', '--data', directory, '--port', '0', '--log', 'error'];
  const child = spawn(process.execPath, [program, ...flags], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = once(child, 'close');
  let output = '';
  for await (const text of child.stdout.setEncoding('utf8')) {
    output += text;
    if (output.includes('Ctrl-C')) break;
  }
  return { output, child, ended };
}

test('the printed lines join the sample hunt and solve a step, also after a restart', {
  skip: !onPath('curl') && 'needs: curl',
}, async (t) => {
  for (let start = 0; start < 2; start++) {
    const { output, child, ended } = await served();
    t.after(() => child.kill('SIGKILL'));
    const lines = output.split('\n').filter((line) => /^(TOKEN=|curl )/.test(line));
    assert.equal(lines.length, 2, output);
    // Both starts may be within the second that names the team.
    const script = lines.join('\n').replace('date +%s', `date +%s-${start}`);
    const { stdout } = await promisify(execFile)('sh', ['-c', script]);
    assert.equal(JSON.parse(stdout).outcome, 'solved');
    const command = /^ {2}Codes {2}(.*)$/m.exec(output)![1]!;
    const own = command.replace('npx hunt', `'${process.execPath}' '${program}'`);
    const codes = await promisify(execFile)('sh', ['-c', own]);
    assert.match(codes.stdout, /^city-lights\.lantern\.\S+ +The green lantern$/m);
    child.kill('SIGTERM');
    assert.deepEqual(await ended, [0, null], 'a clean stop');
  }
});
