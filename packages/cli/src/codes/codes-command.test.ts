import assert from 'node:assert/strict';
import {
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { type Engine, startEngine } from '@hunt/engine';
import { readHunt } from '../check/hunt-file.ts';
import { huntInProcess } from '../testing/hunt-in-process.ts';
import { readQrCodes } from '../testing/qr-images.ts';

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

test('posters are written once, for their owner alone, with the codes that are listed', async () => {
  const [lantern, bridge] = [...listed.matchAll(/^(\S+)/gm)].map(([code]) => code);
  const env = { HUNT_ORGANISER_KEY: readFileSync(engine.organiserKeyFile, 'utf8').trim() };
  const argv = [...citylights, '--target', engine.url];
  const posters = path.join(directory, 'posters.html');
  const svg = path.join(directory, 'for', 'designers');
  const alone = await hunt([...argv, '--posters', posters], env);
  assert.deepEqual([alone.code, alone.output], [0, ''], alone.errors);
  assert.equal(
    alone.errors,
    `Wrote 2 poster(s) to ${posters}. Whoever has them can solve these steps.\n`,
  );
  const page = readFileSync(posters, 'utf8');
  assert.deepEqual(readQrCodes(page), [lantern, bridge]);
  assert.match(page, /<title>Posters: City Lights<\/title>/);
  assert.match(page, /<h2 dir="auto">The green lantern<\/h2>/);
  assert.equal(statSync(posters).mode & 0o777, 0o600);

  const link = ['--link', 'https://hunt.example/?hunt=city-lights'];
  const linked = `${posters}.linked`;
  const both = ['--posters', linked, '--svg', svg, ...link];
  const { code, output, errors } = await hunt([...argv, ...both, '--json'], env);
  assert.deepEqual([code, errors], [0, '']);
  assert.deepEqual(Object.keys(JSON.parse(output)), ['hunt', 'codes']);
  const links = [lantern, bridge].map(
    (text) => `https://hunt.example/?hunt=city-lights&scan=${text}`,
  );
  assert.deepEqual(readQrCodes(readFileSync(linked, 'utf8')), links);
  assert.deepEqual(readdirSync(svg).sort(), ['bridge.svg', 'lantern.svg']);
  const image = readFileSync(path.join(svg, 'lantern.svg'), 'utf8');
  assert.deepEqual(readQrCodes(image), [links[0]]);
  assert.equal(statSync(path.join(svg, 'lantern.svg')).mode & 0o777, 0o600);
  assert.equal(statSync(svg).mode & 0o777, 0o700);

  rmSync(path.join(svg, 'lantern.svg'));
  for (const again of [both, ['--posters', `${posters}.2`, '--svg', svg]]) {
    const refused = await hunt([...argv, ...again], env);
    assert.equal(refused.code, 73);
    assert.match(refused.errors, /is there already \(cli-file-exists\)/);
  }
  assert.deepEqual(readdirSync(svg), ['bridge.svg']);
  assert.deepEqual(readdirSync(directory).filter(isPosterFile).sort(), [
    'posters.html',
    'posters.html.linked',
  ]);
  assert.equal(readFileSync(posters, 'utf8'), page);
});

const isPosterFile = (name: string) => name.startsWith('posters');

test('where no posters can be made, nothing is written', async () => {
  const env = { HUNT_ORGANISER_KEY: readFileSync(engine.organiserKeyFile, 'utf8').trim() };
  const target = ['--target', engine.url];
  const file = path.join(directory, 'none.html');
  const posters = ['--posters', file];
  const cases: [number, RegExp, string[]][] = [
    [1, /cli-posters-none/, ['codes', '--hunt', 'contest', ...target, ...posters]],
    [2, /needs --posters FILE or --svg DIR/, [...citylights, ...target, '--link', 'https://a/']],
    [73, /cli-file-unwritable/, [...citylights, ...target, ...posters, '--svg', identityFile()]],
    ...['hunt.example', 'ftp://hunt.example/', `https://hunt.example/${'a'.repeat(200)}`].map(
      (link): [number, RegExp, string[]] => [
        2,
        /--link must be an http or https address of up to 200 characters/,
        [...citylights, ...target, ...posters, '--link', link],
      ],
    ),
  ];
  for (const [status, message, argv] of cases) {
    const { code, output, errors } = await hunt(argv, env);
    assert.equal(code, status, errors);
    assert.match(errors, message);
    assert.equal(output, '');
    assert.ok(!existsSync(file));
  }
});

/** No folder. */
const identityFile = () => path.join(directory, 'identity.db');

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
  const posters = path.join(directory, 'stopped.html');
  const made = await hunt([...citylights, '--data', directory, '--posters', posters]);
  assert.equal(made.code, 0, made.errors);
  assert.deepEqual(readQrCodes(readFileSync(posters, 'utf8')), listed.match(/^\S+/gm));
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
