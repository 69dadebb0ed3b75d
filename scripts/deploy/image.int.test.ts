// The image is built from the container file as it is, and run as strict platforms run it. No daemon and no registry
// of images is needed; the first run on a machine downloads a Debian.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { globSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { after, before, type TestContext, test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { parse } from 'yaml';
import { isShipped } from '../release/shipped-files.ts';
import { repositoryRoot } from '../repository.ts';
import { Container, type ContainerOptions, newVolume } from './container.ts';
import { buildImage } from './image.ts';
import { type ImageConfig, ImageStore, whyNoImages } from './image-store.ts';

interface NamedPart {
  readonly name: string;
  readonly version: string;
}

const skip = whyNoImages();
const store = skip === false ? new ImageStore() : undefined;
const jsonOf = <Value>(file: string) => JSON.parse(readFileSync(file, 'utf8')) as Value;
const mebibyte = 1024 ** 2;
/** For what takes seconds on an idle machine. */
const deadlineMs = 90_000;
const options = { skip, timeout: 3 * deadlineMs };

let image = '';
let config: ImageConfig;
let root = '';
const at = (file: string) => path.join(root, file);

before(
  async () => {
    if (store === undefined) return;
    image = await buildImage(store, 'tested');
    config = await store.config(image);
    root = await store.root(image);
  },
  { timeout: 9 * 60_000 },
);
after(() => store?.remove());

function start(t: TestContext, of: Pick<ContainerOptions, 'command' | 'mounts'>): Container {
  const container = new Container({ root, config, ...of });
  t.after(async () => {
    container.kill();
    await container.ended;
  });
  return container;
}

/** Waits for a text in what it prints; throws what it printed when it ends, or takes too long. */
async function prints(container: Container, text: string): Promise<void> {
  let hasEnded = false;
  void container.ended.then(() => {
    hasEnded = true;
  });
  const deadline = Date.now() + deadlineMs;
  while (!container.output.includes(text)) {
    assert.ok(!hasEnded && Date.now() < deadline, `no "${text}":\n${container.output}`);
    await pause(50);
  }
}

const volumeOf = (name: string) =>
  newVolume(root, '/var/lib/hunt', path.join(store!.folder('volumes'), name));

test('the image says what it is, who runs it, and how it is asked and ended', options, () => {
  const { version } = jsonOf<NamedPart>(path.join(repositoryRoot, 'package.json'));
  const label = (name: string) => config.Labels[`org.opencontainers.image.${name}`];
  assert.deepEqual(['title', 'version', 'revision', 'licenses'].map(label), [
    'Treasure Hunt Engine',
    version,
    'tested',
    'MIT',
  ]);
  assert.deepEqual([config.User, config.StopSignal], ['10001:10001', 'SIGTERM']);
  assert.deepEqual(Object.keys(config.ExposedPorts).sort(), ['7300/tcp', '8080/tcp']);
  assert.deepEqual(Object.keys(config.Volumes), ['/var/lib/hunt']);
  const { Test: [kind] = [], Interval, Timeout, StartPeriod, Retries } = config.Healthcheck;
  assert.deepEqual(
    { kind, Interval, Timeout, StartPeriod, Retries },
    { kind: 'CMD', Interval: 10e9, Timeout: 5e9, StartPeriod: 60e9, Retries: 3 },
  );
});

test('it has what is shipped, and of ours nothing else', options, () => {
  const listing = ['ls-files', '-z', '--cached', '--others', '--exclude-standard'];
  const listed = execFileSync('git', listing, { cwd: repositoryRoot, encoding: 'utf8' });
  const shipped = listed.split('\0').filter((file) => file !== '' && isShipped(file));
  const made = ['compiled', 'node_modules', 'sbom.cdx.json'];
  const there = globSync('**/*', { cwd: at('opt/hunt'), exclude: made }).filter((file) =>
    statSync(at(`opt/hunt/${file}`)).isFile(),
  );
  assert.deepEqual(there.sort(), shipped.sort());
});

test('neither npm nor a compiler is in it, nor what only its build has', options, () => {
  const unwanted = 'npm,npx,corepack,yarn,cc,gcc,g++,clang,make,ld,python3,git,curl,wget,ssh';
  const found = [
    `{,usr/,usr/local/}{bin,sbin}/{${unwanted}}`,
    'opt/hunt/node_modules/{typescript,knip,@biomejs,@types}',
    ...['mnt/*', 'root/.np*', 'usr/local/etc/*', 'usr/local/lib/node_modules'],
  ].flatMap((pattern) => globSync(pattern, { cwd: root }));
  assert.deepEqual(found, []);
});

test('its bill of materials names all packages that are in it, and Node', options, () => {
  const bill = jsonOf<{ components: readonly NamedPart[] }>(at('opt/hunt/sbom.cdx.json'));
  const isPackage = /^packages|^load|node_modules\/(@[^/]+\/)?[^/@]+\/package\.json$/;
  const places = '{node_modules/**,packages/*,load}/package.json';
  const there = globSync(places, { cwd: at('opt/hunt') })
    .filter((file) => isPackage.test(file))
    .map((file) => jsonOf<NamedPart>(at(`opt/hunt/${file}`)));
  const node = execFileSync('chroot', [root, 'node', '--version'], { encoding: 'utf8' });
  there.push({ name: 'node', version: node.trim().slice(1) });
  const names = (parts: readonly NamedPart[]) => [
    ...new Set(parts.map(({ name, version }) => `${name} ${version}`).sort()),
  ];
  assert.deepEqual(names(bill.components), names(there));
  assert.ok(names(there).some((name) => name.startsWith('fastify ')));
});

test(
  'it is small, all of it and what is ours, and docker load would take it',
  options,
  async (t) => {
    const archive = path.join(store!.folder('archives'), 'hunt.tar');
    await store!.save(image, archive, 'hunt:tested');
    const manifest = execFileSync('tar', ['-xOf', archive, 'manifest.json'], { encoding: 'utf8' });
    const [first] = JSON.parse(manifest) as readonly { readonly RepoTags: readonly string[] }[];
    assert.match(first!.RepoTags[0]!, /(^|\/)hunt:tested$/);
    const used = execFileSync('du', ['-sk', at('opt/hunt')], { encoding: 'utf8' });
    const ours = (Number.parseInt(used, 10) * 1024) / mebibyte;
    const all = statSync(archive).size / mebibyte;
    t.diagnostic(`${all.toFixed(0)} MiB, of which the engine ${ours.toFixed(0)} MiB`);
    assert.ok(all < 280, `${all} MiB`);
    assert.ok(ours < 65, `${ours} MiB`);
  },
);

/** A player who joins and solves a step, with the client that is in the image. */
const playing = `
  import { createPlayerClient } from '@hunt/sdk';
  const player = createPlayerClient({ baseUrl: 'http://127.0.0.1:8080', hunt: 'city-lights' });
  await player.join({ name: 'Ada', team: { name: 'The lanterns' } });
  const { status, outcome } = await player.submit({ type: 'submit-answer', step: 'gate', answer: 'water' });
  console.log(JSON.stringify({ status, outcome, token: player.token }));
`;
/** The same player later. */
const looking = (token: string) => `
  import { createPlayerClient } from '@hunt/sdk';
  const options = { baseUrl: 'http://127.0.0.1:8080', hunt: 'city-lights', token: ${JSON.stringify(token)} };
  const { steps, points } = await createPlayerClient(options).me();
  console.log(JSON.stringify({ points, solved: steps.filter(({ solved }) => solved).map(({ id }) => id) }));
`;
const script = (text: string) => ['node', '--input-type=module', '--eval', text];

test(
  'it runs without any right but to its volume, is played, stops when asked to, and goes on',
  options,
  async (t) => {
    const mounts = { '/var/lib/hunt': { source: volumeOf('one-process'), writable: true } };
    const first = start(t, { mounts });
    await prints(first, 'is ready');
    const status = first.status();
    assert.match(status, /^Uid:\t10001\t10001\t10001\t10001$/m);
    assert.match(status, /^Groups:\s*$/m);
    assert.match(status, /^CapEff:\t0+$/m);
    const writes =
      'for name in /opt/hunt/compiled/x /etc/x /tmp/x /var/lib/hunt/x; do touch $name 2> /dev/null && echo $name; done';
    assert.equal((await first.run(['sh', '-c', writes])).output, '/tmp/x\n/var/lib/hunt/x\n');

    const [, ...health] = config.Healthcheck.Test;
    assert.deepEqual(await first.run(health), { code: 0, output: '' });
    const played = await first.run(script(playing));
    assert.equal(played.code, 0, played.output);
    const { token, ...result } = JSON.parse(played.output) as { readonly token: string };
    assert.deepEqual(result, { status: 'accepted', outcome: 'solved' });
    const stopped = await first.stop();
    assert.equal(stopped.code, 0, stopped.output);

    const second = start(t, { mounts });
    await prints(second, 'is ready');
    const seen = await second.run(script(looking(token)));
    assert.equal(seen.code, 0, seen.output);
    assert.deepEqual(JSON.parse(seen.output), { points: 12, solved: ['gate'] });
    assert.equal((await second.stop()).code, 0);
  },
);

test(
  'as the nodes of compose.yaml it names the server that it waits for, and is not ready',
  options,
  async (t) => {
    const { services } = parse(
      readFileSync(path.join(repositoryRoot, 'deploy/compose.yaml'), 'utf8'),
      {
        merge: true,
      },
    ) as { services: Record<string, { command: string; healthcheck: { test: string[] } }> };
    const clusterFile = path.join(repositoryRoot, 'deploy/compose/cluster.yaml');
    const nodes = Object.entries(services).filter(([name]) => name.startsWith('hunt-'));
    assert.equal(nodes.length, 5);
    await Promise.all(
      nodes.map(async ([name, { command, healthcheck }]) => {
        const node = start(t, {
          command: command.trim().split(/\s+/),
          mounts: {
            '/var/lib/hunt': { source: volumeOf(name), writable: true },
            '/etc/hunt/cluster.yaml': { source: clusterFile, writable: false },
          },
        });
        await prints(node, 'kafka:19092 within 10000 ms');
        assert.match(node.output, /"error\.code":"veltrix-kafka-unreachable"/);
        assert.equal((await node.run(healthcheck.test.slice(1))).code, 1);
        const { code, output } = await node.stop();
        assert.equal(code, 0, output);
      }),
    );
  },
);
