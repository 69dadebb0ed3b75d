import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { huntInProcess } from './testing/hunt-in-process.ts';
import { runHunt } from './testing/hunt-process.ts';

let directory: string;
before(() => {
  directory = mkdtempSync(path.join(tmpdir(), 'hunt-main-'));
});
after(() => rmSync(directory, { recursive: true, force: true }));

test('help goes to the output, a bare call to the error stream', async () => {
  const asked = await huntInProcess(['--help']);
  assert.equal(asked.code, 0);
  assert.match(asked.output, /Usage: hunt COMMAND/);
  const bare = await huntInProcess([]);
  assert.deepEqual([bare.code, bare.output], [2, '']);
  assert.equal((await huntInProcess(['check', '--help'])).code, 0);
});

test('COLUMNS is the width where the output is no terminal', async () => {
  for (const [value, width] of Object.entries({ 45: 45, 9: 40, x: 80, 1e5: 80 })) {
    const { output } = await runHunt(['serve', '--help'], { COLUMNS: value });
    const longest = Math.max(...output.split('\n').map(({ length }) => length));
    assert.ok(longest <= width && longest > width - 12, `${value}: ${longest}`);
  }
});

test('help on a command is its --help', async () => {
  const { code, output } = await huntInProcess(['help', 'verify']);
  assert.deepEqual([code, output], [0, (await huntInProcess(['verify', '--help'])).output]);
  assert.equal((await huntInProcess(['help', 'chekc'])).code, 2);
});

test('a group of commands lists what is in it, and help finds each', async () => {
  const asked = await huntInProcess(['cluster', '--help']);
  assert.equal(asked.code, 0);
  assert.match(asked.output, /Usage: hunt cluster COMMAND[\s\S]*cluster drain/);
  assert.ok(!asked.output.includes('standings'));
  assert.deepEqual(await huntInProcess(['help', 'cluster']), asked);
  const bare = await huntInProcess(['cluster']);
  assert.deepEqual([bare.code, bare.output, bare.errors], [2, '', asked.output]);
  const drain = await huntInProcess(['help', 'cluster', 'drain']);
  assert.match(drain.output, /Usage: hunt cluster drain --cluster FILE NODE \[flags\]/);
  const wrong = await huntInProcess(['cluster', 'drian', 'x']);
  assert.equal(wrong.code, 2);
  assert.match(wrong.errors, /no command "cluster drian"; did you mean cluster drain\?/);
});

test('a command that takes one name takes no other, and none is too few', async () => {
  const file = ['--cluster', 'x.yaml'];
  const none = await huntInProcess(['cluster', 'drain', ...file]);
  assert.deepEqual([none.code, none.output], [2, '']);
  assert.match(none.errors, /"hunt cluster drain" needs NODE \(cli-argument-missing\)/);
  const two = await huntInProcess(['cluster', 'drain', 'one', 'two', ...file]);
  assert.equal(two.code, 2);
  assert.match(two.errors, /takes no argument "two" \(cli-argument-unexpected\)/);
  assert.match((await huntInProcess(['check'])).errors, /"hunt check" needs at least one FILE/);
  assert.match(
    (await huntInProcess(['cluster', 'status', ...file])).errors,
    /engine-cluster-config-invalid/,
  );
});

test('a server that does not answer is named', async () => {
  const { code, errors } = await huntInProcess([
    ...['standings', '--hunt', 'x', '--target', 'http://127.0.0.1:1'],
  ]);
  assert.equal(code, 69);
  assert.match(errors, /\(sdk-unreachable\)\. Reason: \S/);
});

test('an error of the engine says what helps', async () => {
  const data = path.join(directory, 'cut-secret');
  mkdirSync(data);
  writeFileSync(path.join(data, 'secret'), 'x');
  const { errors } = await huntInProcess([
    'serve',
    '--data',
    data,
    '--port',
    '0',
    '--log',
    'silent',
  ]);
  assert.match(errors, /\(engine-secret-invalid\)\. Restore it from a backup/);
});

test('a data directory that cannot be made is no fault of the command', async () => {
  const file = path.join(directory, 'a-file');
  writeFileSync(file, '');
  const { code, errors } = await huntInProcess(['serve', '--data', file, '--log', 'silent']);
  assert.equal(code, 73);
  assert.match(errors, /a-file cannot be written: it is a file \(cli-file-unwritable\)/);
});

test('an address that is taken is told in words', async (t) => {
  const other = createServer().listen(0, '127.0.0.1');
  t.after(() => other.close());
  await once(other, 'listening');
  const { port } = other.address() as AddressInfo;
  const data = path.join(directory, 'taken');
  const { code, errors } = await huntInProcess([
    ...['serve', '--data', data, '--port', String(port), '--log', 'silent'],
  ]);
  assert.equal(code, 69);
  assert.match(errors, /another process listens there \(cli-address-unavailable\)/);
});

test('an error is one line with id and remedy', async () => {
  const { code, output, errors } = await huntInProcess(['chekc']);
  assert.deepEqual([code, output], [2, '']);
  assert.equal(
    errors,
    'hunt: There is no command "chekc"; did you mean check? (cli-command-unknown). Run "hunt --help" for the list\n',
  );
});

test('with --json an error is one object, too, and HUNT_DEBUG=1 adds the stack', async () => {
  const options = { env: { HUNT_DEBUG: '1' } };
  const { code, output, errors } = await huntInProcess(['check', '--json', '/no/such'], options);
  assert.equal(code, 74);
  assert.equal(JSON.parse(output).error.id, 'cli-file-unreadable');
  assert.match(errors, /\n {4}at /);
});

test('new writes a hunt that check finds good, and never over a file', async () => {
  const file = path.join(directory, 'Night Walk.yaml');
  assert.equal((await huntInProcess(['new', '--out', file])).code, 0);
  assert.match(readFileSync(file, 'utf8'), /hunt: "night-walk"/);
  const checked = await huntInProcess(['check', '--json', file]);
  assert.equal(checked.code, 0);
  assert.equal(JSON.parse(checked.output).valid, true);
  const again = await huntInProcess(['new', '--out', file]);
  assert.equal(again.code, 73);
  assert.match(again.errors, /cli-file-exists/);
});

test('a title or id that no hunt can have is a wrong command line', async () => {
  const trace = path.join(directory, 'title-trace.csv');
  writeFileSync(trace, 'seconds,team,problem,verdict\n5,a,P1,correct\n');
  for (const from of [[], ['--from-trace', trace]]) {
    for (const wrong of [
      ['--title', 'x'.repeat(201)],
      ['--title', ' '],
      ['--title', 'a\u0007'],
      ['--id', 'Not A Slug'],
    ]) {
      const { code, output, errors } = await huntInProcess(['new', ...from, ...wrong]);
      assert.deepEqual([code, output], [2, ''], wrong.join());
      assert.match(errors, /cli-flag-value-invalid/);
    }
    assert.equal((await huntInProcess(['new', ...from, '--title', 'x'.repeat(200)])).code, 0);
  }
});

test('new --from-trace writes a hunt for the trace', async () => {
  const trace = path.join(directory, 'trace.csv');
  writeFileSync(trace, 'seconds,team,problem,verdict\n5,"a, b",P1,correct\n7,c,P2,wrong\n');
  const { code, output } = await huntInProcess(['new', '--from-trace', trace, '--id', 'two']);
  assert.equal(code, 0);
  assert.match(output, /title: "P1"/);
  assert.match(output, /title: "P2"/);
  for (const more of [[], ['--from-trace', trace]]) {
    const bad = await huntInProcess(['new', '--id', 'No Good', ...more]);
    assert.equal(bad.code, 2);
    assert.match(bad.errors, /--id must be 1 to 64 small letters.*"No Good"/);
  }
});

test('check shows where and what to do, and exits with 1', async () => {
  const file = path.join(directory, 'bad.yaml');
  writeFileSync(file, 'hunt: bad\ntitel: Bad\n');
  const { code, output } = await huntInProcess(['check', file]);
  assert.equal(code, 1);
  assert.match(output, /bad\.yaml:2:1 rules-file-key-unknown .*"titel"/);
  assert.match(output, /\n {2}2 \| titel: Bad\n {6}\^\n {2}hint: .*title/);
  assert.ok(!output.includes('\x1b'), 'no colours where there is no terminal');
});

test('colours are for terminals, and not with NO_COLOR', async () => {
  const file = path.join(directory, 'bad.yaml');
  writeFileSync(file, 'hunt: bad\n');
  const colourful = await huntInProcess(['check', file], { isTerminal: true });
  assert.ok(colourful.output.includes('\x1b[31m'));
  const plain = { isTerminal: true, env: { NO_COLOR: '1' } };
  assert.ok(!(await huntInProcess(['check', file], plain)).output.includes('\x1b'));
});
