import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { type Engine, startEngine } from '@hunt/engine';
import { readHunt } from '../check/hunt-file.ts';
import { huntInProcess } from '../testing/hunt-in-process.ts';

/* Tests run in order: on a running engine, then on its directory, then on what is damaged of it. */

const hunts = new URL('../../../../hunts/', import.meta.url);
const huntNamed = (name: string) => readHunt(fileURLToPath(new URL(name, hunts))).definition;

let directory: string;
let engine: Engine;

before(async () => {
  directory = mkdtempSync(path.join(tmpdir(), 'hunt-codes-'));
  engine = await startEngine({
    ...{ directory, host: '127.0.0.1', port: 0, partitions: 1, logLevel: 'silent' },
    hunts: [huntNamed('city-lights.yaml'), huntNamed('contest.yaml')],
  });
});
after(async () => {
  await engine.close();
  rmSync(directory, { recursive: true });
});

const hunt = (argv: readonly string[], env: Record<string, string> = {}) =>
  huntInProcess(argv, { env });

const citylights = ['codes', '--hunt', 'city-lights'];
let listed: string;

test('the codes of a running server are listed for who has its key', async () => {
  const target = ['--target', engine.url];
  const env = { HUNT_ORGANISER_KEY: readFileSync(engine.organiserKeyFile, 'utf8').trim() };
  const { code, output } = await hunt([...citylights, ...target], env);
  assert.equal(code, 0);
  assert.match(
    output,
    /^city-lights\.lantern\.[\w-]{22} {2}The green lantern\ncity-lights\.bridge\.[\w-]{22} {3}The bridge of locks\n$/,
  );
  listed = output;
  const { hunt: id, codes } = JSON.parse(
    (await hunt([...citylights, ...target, '--json'], env)).output,
  );
  assert.equal(id, 'city-lights');
  assert.deepEqual(
    codes.map(({ step, code }: Record<string, string>) => [step, output.includes(code!)]),
    [
      ['lantern', true],
      ['bridge', true],
    ],
  );
  const none = await hunt(['codes', '--hunt', 'contest', ...target], env);
  assert.deepEqual([none.code, none.output], [0, 'No step of this hunt is solved by scanning.\n']);

  const cases: [number, RegExp, string[], Record<string, string>][] = [
    [2, /cli-key-missing/, [...citylights, ...target], {}],
    [1, /engine-key-invalid/, [...citylights, ...target], { HUNT_ORGANISER_KEY: 'hok_x' }],
    [1, /rules-hunt-unknown/, ['codes', '--hunt', 'none', ...target], env],
    [2, /needs --target URL or --data DIR/, citylights, env],
    [2, /cli-flags-conflict/, [...citylights, ...target, '--data', directory], env],
  ];
  for (const [status, message, argv, more] of cases) {
    const refused = await hunt(argv, more);
    assert.equal(refused.code, status, refused.errors);
    assert.match(refused.errors, message);
    assert.equal(refused.output, '');
  }
});

test('a directory in use is for later, with the own words of the engine', async () => {
  for (const command of ['codes', 'standings']) {
    const argv = [command, '--hunt', 'city-lights', '--data', directory, '--json'];
    const { code, output, errors } = await hunt(argv);
    assert.equal(code, 75, errors);
    const { id, message, remedy } = JSON.parse(output).error;
    assert.equal(id, 'veltrix-log-locked');
    assert.match(message, /is in use by another process \(veltrix-log-locked\)$/);
    assert.match(remedy, /^Stop the other process/);
  }
});

test('the codes of a stopped engine are the same', async () => {
  await engine.close();
  const { code, output, errors } = await hunt([...citylights, '--data', directory]);
  assert.equal(code, 0, errors);
  assert.equal(output, listed);
});

test('a damaged database is a file that cannot be read, not one to try later', async () => {
  writeFileSync(path.join(directory, 'identity.db'), 'no database '.repeat(1_000));
  rmSync(path.join(directory, 'identity.db-wal'), { force: true });
  const argv = ['serve', '--data', directory, '--port', '0', '--log', 'silent'];
  for (const damaged of [argv, [...citylights, '--data', directory]]) {
    const { code, errors } = await hunt(damaged);
    assert.equal(code, 74, errors);
    assert.match(errors, /identity\.db is damaged: .*\(engine-store-damaged\)\. Stop the engine/);
  }
});
