import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { promisify } from 'node:util';
import { huntProgram } from '../testing/hunt-process.ts';
import { onPath } from '../testing/on-path.ts';
import { ServeProcess } from '../testing/serve-process.ts';

let directory: string;
before(() => {
  directory = mkdtempSync(path.join(tmpdir(), 'hunt-serve-'));
});
after(() => rmSync(directory, { recursive: true, force: true }));

test('the printed lines join the sample hunt and solve a step, also after a restart', {
  skip: !onPath('curl') && 'needs: curl',
}, async (t) => {
  for (let start = 0; start < 2; start++) {
    const server = new ServeProcess(['--data', directory, '--port', '0', '--log', 'error']);
    t.after(() => server.kill());
    const output = await server.printed('Ctrl-C');
    const lines = output.split('\n').filter((line) => /^(TOKEN=|curl )/.test(line));
    assert.equal(lines.length, 2, output);
    // Both starts may be within the second that names the team.
    const script = lines.join('\n').replace('date +%s', `date +%s-${start}`);
    const { stdout } = await promisify(execFile)('sh', ['-c', script]);
    assert.equal(JSON.parse(stdout).outcome, 'solved');
    const command = /^ {2}Codes {2}(.*)$/m.exec(output)![1]!;
    const own = command.replace('npx hunt', `'${process.execPath}' '${huntProgram}'`);
    const codes = await promisify(execFile)('sh', ['-c', own]);
    assert.match(codes.stdout, /^city-lights\.lantern\.\S+ +The green lantern$/m);
    await server.stop();
  }
});
