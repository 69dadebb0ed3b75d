import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { Ajv } from 'ajv';
import { parse } from 'yaml';
import { huntInProcess } from '../testing/hunt-in-process.ts';

let directory: string;
before(() => {
  directory = mkdtempSync(path.join(tmpdir(), 'hunt-cluster-file-'));
});
after(() => rmSync(directory, { recursive: true }));

const documented = (page: string) =>
  readFileSync(new URL(`../../../../docs/${page}`, import.meta.url), 'utf8').match(
    /```yaml\n([\s\S]*?)```/,
  )![1]!;
const canary = 'canary-77aa01';

function write(text: string): string {
  const file = path.join(directory, 'cluster.yaml');
  writeFileSync(file, text);
  return file;
}

const config = (argv: readonly string[], env: Record<string, string> = {}) =>
  huntInProcess(['config', ...argv], { env });

test('the files of the documentation are found right, and so does the schema for editors', async () => {
  const schema = JSON.parse((await config(['reference', '--cluster-file', '--schema'])).output);
  const validate = new Ajv({ allowUnionTypes: true, strict: false }).compile(schema);
  const servers = Object.fromEntries(
    ['KAFKA', 'ZOOKEEPER', 'REDIS', 'CASSANDRA'].map((name) => [`HUNT_${name}`, 'host:1']),
  );
  for (const page of ['cluster.md', 'security.md']) {
    const text = documented(page);
    const env = { ...servers, HUNT_NODE_NAME: 'one', HUNT_NODE_ADDRESS: 'host:7300' };
    const { code, output } = await config(['check', '--cluster', write(text)], env);
    assert.equal(code, 0, output);
    assert.match(output, /nothing is wrong/);
    assert.ok(validate(parse(text)), JSON.stringify(validate.errors));
  }
  assert.ok(!validate({ kafka: { password: canary } }), 'a secret itself');
  assert.ok(!validate({ kafka: { tls: { enable: true } } }), 'a key that is not there');
  assert.ok(validate({ node: { name: 'one' }, kafka: null }));
});

test('all that is wrong with a cluster file is shown, and no secret', async () => {
  const file = write(`node: one
partitions: many
kafka: { bootstrp: x, password: ${canary} }
redis: { tls: { enabled: maybe } }
`);
  const { code, output } = await config(['check', '--cluster', file, '--json']);
  assert.equal(code, 1);
  const { problems } = JSON.parse(output) as { problems: { id: string; message: string }[] };
  assert.deepEqual(problems.map(({ id }) => id).sort(), [
    'engine-cluster-config-invalid',
    'engine-cluster-config-invalid',
    'engine-cluster-config-unknown',
    'engine-cluster-secret-plain',
  ]);
  assert.match(output, /kafka\.bootstrp; did you mean kafka\.bootstrap\?/);
  assert.ok(!output.includes(canary));
});

test('a key is explained: by its name, as the file writes it, or by its variable', async () => {
  const file = write(documented('security.md'));
  for (const name of ['kafka.sasl.password', 'kafka.password', 'HUNT_KAFKA_SASL_PASSWORD']) {
    const { code, output } = await config(['explain', name, '--cluster', file]);
    assert.equal(code, 0);
    const begin = `kafka.sasl.password is file:secrets/kafka-password, from ${file}:`;
    assert.ok(output.startsWith(begin), output);
  }
  const { output } = await config(['explain', 'redis.tls.enabled'], {
    HUNT_REDIS_TLS_ENABLED: 'true',
  });
  assert.match(output, /^redis\.tls\.enabled is true, from the variable HUNT_REDIS_TLS_ENABLED/);
  const unknown = await config(['explain', 'kafka.tls.enable']);
  assert.match(unknown.errors, /did you mean kafka\.tls\.enabled\?/);
});

test('--set takes keys of a cluster file, by their names or as the file writes them, beside other settings', async () => {
  const file = write(documented('security.md'));
  const sets = ['kafka.prefix=autumn', 'partitions=8', 'kafka.username=me', 'log.retainBytes=1GiB'];
  const flags = ['--cluster', file, ...sets.flatMap((text) => ['--set', text])];
  const shown = async (name: string) => (await config(['explain', name, ...flags])).output;
  assert.match(await shown('kafka.prefix'), /^kafka\.prefix is autumn, from --set kafka\.prefix/);
  assert.match(await shown('cluster.partitions'), /^cluster\.partitions is 8, from --set/);
  assert.match(await shown('kafka.sasl.username'), /^kafka\.sasl\.username is me, from --set/);
  const servers = ['NODE_ADDRESS', 'KAFKA', 'ZOOKEEPER', 'REDIS', 'CASSANDRA'];
  const named = servers.map((name) => [`HUNT_${name}`, 'host:1']);
  const env = { ...Object.fromEntries(named), HUNT_NODE_NAME: 'one' };
  const checked = await config(['check', ...flags], env);
  assert.match(checked.output, /nothing is wrong/);
  assert.equal(checked.code, 0);
  const wrong = ['kafka.prefx=x', 'partitions=many', `kafka.password=${canary}`, 'log.retain=1'];
  const { code, output } = await config(
    ['check', '--cluster', file, '--json', ...wrong.flatMap((text) => ['--set', text])],
    env,
  );
  assert.equal(code, 1);
  const { problems } = JSON.parse(output) as { problems: { id: string }[] };
  assert.deepEqual(problems.map(({ id }) => id).sort(), [
    'engine-cluster-config-invalid',
    'engine-cluster-config-unknown',
    'engine-cluster-secret-plain',
    'veltrix-setting-unknown',
  ]);
  assert.match(output, /did you mean kafka\.prefix\?/);
  assert.ok(!output.includes(canary));
});

test('without a cluster file --set takes its keys, too, as a file would write them', async () => {
  const { output } = await config(['explain', 'cluster.partitions', '--set', 'partitions=8']);
  assert.match(output, /^cluster\.partitions is 8, from --set partitions, in place of/);
});

test('a misspelt --set is told whatever is explained', async () => {
  const flags = ['--cluster', write(documented('security.md'))];
  for (const words of [['kafka.prefix'], ['kafka.prefix', ...flags], ['log.retainBytes', ...flags]])
    for (const set of ['kafak.prefix=x', 'kafka.prefx=x']) {
      const { code, errors } = await config(['explain', ...words, '--set', set]);
      assert.equal(code, 1);
      const told = errors.replaceAll(/\s+/g, ' ');
      assert.match(
        told,
        /--set kaf\w+\.pref\w*: there is no setting .*did you mean kafka\.prefix\?/,
      );
      assert.match(told, /veltrix-setting-unknown/);
    }
});

test('the cluster is asked where --set says it meets, with the partitions that it says', async () => {
  // Nobody listens on port 1.
  const file = write("zookeeper: { connect: '127.0.0.1:1', prefix: /of-the-file }\n");
  const sets = ['--set', 'partitions=8', '--set', 'zookeeper.prefix=/of-the-flag'];
  const { errors } = await config(['effective', '--cluster', file, ...sets]);
  assert.match(errors, /127\.0\.0\.1:1\/of-the-flag\/plan/);
  assert.match(errors, /veltrix-coordination-unavailable/);
});

test('a secret itself is shown by nobody', async () => {
  const file = write(documented('security.md').replace('env:REDIS_PASSWORD', canary));
  for (const words of [
    ['check', '--cluster', file],
    ['explain', 'redis.password', '--cluster', file],
  ]) {
    const { code, output, errors } = await config(words);
    assert.notEqual(code, 0);
    assert.match(`${output}${errors}`.replaceAll(/\s+/g, ' '), /engine-cluster-secret-plain/);
    assert.ok(!`${output}${errors}`.includes(canary));
  }
  const asVariable = await config(['explain', 'redis.password'], { HUNT_REDIS_PASSWORD: canary });
  assert.notEqual(asVariable.code, 0);
  assert.ok(!`${asVariable.output}${asVariable.errors}`.includes(canary));
});

test('the reference has every key, for people and for programs', async () => {
  const people = await config(['reference', '--cluster-file']);
  assert.match(people.output, /zookeeper\.tls\.serverName=/);
  const programs = await config(['reference', '--cluster-file', '--json']);
  const { settings } = JSON.parse(programs.output) as { settings: { name: string }[] };
  assert.ok(settings.some(({ name }) => name === 'cassandra.tls.ca'));
});
