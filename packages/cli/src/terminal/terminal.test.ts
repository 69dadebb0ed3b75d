/* A real terminal is taken away from a process that goes on to write to it. */
import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { startOnTerminal, whyNoTerminal } from '../testing/on-terminal.ts';

/** Writes once its terminal is gone; says in the file `end` with which code it ended and what the streams said. */
const writer = `
import { errorMonitor } from 'node:events';
import { writeFileSync } from 'node:fs';
import { isatty } from 'node:tty';
import { processTerminal } from ${JSON.stringify(new URL('./terminal.ts', import.meta.url))};
process.on('SIGHUP', () => {});
const terminal = processTerminal();
const said = [];
for (const stream of [process.stdout, process.stderr]) {
  stream.on(errorMonitor, ({ code }) => said.push(code));
}
process.on('exit', (code) => writeFileSync('end', JSON.stringify({ code, said })));
const timer = setInterval(() => {
  if (isatty(1)) return;
  clearInterval(timer);
  terminal.out('a result');
  terminal.err('a remark');
}, 10);
writeFileSync('begun', '');
`;

test('what is written to a terminal that is gone is lost, and nothing else', {
  skip: whyNoTerminal,
  timeout: 30_000,
}, async (t) => {
  const directory = mkdtempSync(path.join(tmpdir(), 'hunt-terminal-'));
  t.after(() => rmSync(directory, { recursive: true }));
  const at = (name: string) => path.join(directory, name);
  const appears = async (name: string) => {
    while (!existsSync(at(name))) await pause(20, undefined, { signal: t.signal });
  };
  writeFileSync(at('writer.mjs'), writer);
  const command = `cd '${directory}' && exec '${process.execPath}' writer.mjs`;
  const terminal = startOnTerminal(t, command, at('log'));
  await appears('begun');
  terminal.kill('SIGKILL');
  await appears('end');
  const { code, said } = JSON.parse(readFileSync(at('end'), 'utf8'));
  assert.deepEqual({ code, said }, { code: 0, said: ['EIO', 'EIO'] });
});
