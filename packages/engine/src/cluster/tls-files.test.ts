/* The file that docs/security.md shows, with real certificates beside it; and what may be wrong with them. */
import assert from 'node:assert/strict';
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, suite, test } from 'node:test';
import { type Certificates, makeCertificates, whyNoCertificates } from '@hunt/services';
import { pino } from 'pino';
import { CodedError } from 'veltrix';
import { ManualClock } from '../gateway/testing/manual-clock.ts';
import { certificateFacts } from '../preflight/probes/certificate-probe.ts';
import { lookEveryMs } from '../tls/renewed-certificates.ts';
import { type ClusterConfig, readClusterConfig, readNodeTrust } from './cluster-config.ts';
import { renewedNodeTls } from './node-tls.ts';

const page = new URL('../../../../docs/security.md', import.meta.url);
const canary = 'canary-1f3b9c';
const silent = pino({ level: 'silent' });

suite('encryption in the cluster file', { skip: whyNoCertificates() }, () => {
  let made: Certificates;
  let directory: string;
  let shown: string;
  /** Without what is said of the nodes themselves. */
  let withoutNodes: string;

  before(() => {
    made = makeCertificates();
    directory = mkdtempSync(path.join(tmpdir(), 'hunt-security-'));
    for (const name of ['certificates', 'secrets']) mkdirSync(path.join(directory, name));
    const place = (name: string) => path.join(directory, 'certificates', name);
    copyFileSync(made.ca.certFile, place('ca.pem'));
    copyFileSync(made.client.certFile, place('node.pem'));
    copyFileSync(made.client.keyFile, place('node.key'));
    copyFileSync(made.strangeClient.keyFile, place('strange.key'));
    for (const name of ['kafka-password', 'cassandra-password']) {
      writeFileSync(path.join(directory, 'secrets', name), `${canary}\n`);
    }
    writeFileSync(path.join(directory, 'secrets', 'zookeeper-credentials'), `hunt:${canary}`);
    process.env['REDIS_PASSWORD'] = canary;
    shown = /```yaml\n([\s\S]*?)```/.exec(readFileSync(page, 'utf8'))![1]!;
    withoutNodes = shown.replace(/^nodes:\n(?: .*\n)+/m, '');
    assert.notEqual(withoutNodes, shown);
  });
  after(() => {
    delete process.env['REDIS_PASSWORD'];
    rmSync(directory, { recursive: true });
    made.remove();
  });

  function read(text: string): Promise<ClusterConfig> {
    const file = path.join(directory, 'cluster.yaml');
    writeFileSync(file, text);
    return readClusterConfig(file, { node: 'one', address: '10.0.0.1:7300' });
  }

  test('what docs/security.md shows is read, with its files and secrets', async () => {
    const { nodes, kafka, zookeeper, redis, cassandra } = await read(shown);
    const tls = { ca: made.ca.cert, cert: made.client.cert, key: made.client.key.trim() };
    const { places: _, mode, ...nodeOptions } = nodes.tls!;
    assert.deepEqual(nodeOptions, tls);
    // As before there was a mode.
    assert.equal(mode, 'require');
    const at = (name: string) => `certificates/${name}`;
    const places = {
      ca: at('ca.pem'),
      cert: at('node.pem'),
      key: `file:${at('node.key')}`,
      directory,
    };
    const renewed = { ...tls, places };
    assert.deepEqual([kafka.tls, zookeeper.tls, redis.tls], [renewed, renewed, renewed]);
    assert.deepEqual(structuredClone(kafka.tls), kafka.tls);
    assert.deepEqual(cassandra.tls, { ...renewed, serverName: 'cassandra.internal' });
    assert.deepEqual(kafka.sasl, {
      ...{ mechanism: 'SCRAM-SHA-512', username: 'hunt', password: canary },
    });
    assert.deepEqual([zookeeper.credentials, redis.password], [`hunt:${canary}`, canary]);
  });

  const nodeTls = `nodes:
  tls: { enabled: true, ca: certificates/ca.pem, cert: certificates/node.pem, key: "file:certificates/node.key", serverName: node.internal }
`;

  test('what nodes show each other is read, and read again when the files change', async (t) => {
    const { nodes } = await read(`${withoutNodes}${nodeTls}`);
    const { places, mode, ...tls } = nodes.tls!;
    assert.equal(mode, 'require');
    const expected = { ca: made.ca.cert, cert: made.client.cert, key: made.client.key.trim() };
    assert.deepEqual(tls, { ...expected, serverName: 'node.internal' });
    assert.deepEqual((await read(withoutNodes)).nodes, {});
    // A thread is handed the whole of it.
    assert.deepEqual(structuredClone(nodes.tls), nodes.tls);
    const clock = new ManualClock(Date.now());
    const renewed = renewedNodeTls({ ...tls, places }, { clock, logger: silent });
    const place = (name: string) => path.join(directory, 'certificates', name);
    t.after(() => {
      copyFileSync(made.client.certFile, place('node.pem'));
      copyFileSync(made.client.keyFile, place('node.key'));
    });
    renewed.onChange(() => {});
    copyFileSync(made.server.certFile, place('node.pem'));
    copyFileSync(made.server.keyFile, place('node.key'));
    clock.advance(2 * lookEveryMs);
    assert.deepEqual(renewed.current, {
      ...{ ca: made.ca.cert, cert: made.server.cert, key: made.server.key.trim() },
      serverName: 'node.internal',
    });
  });

  test('nodes that accept encrypted connections have certificates as those that require them', async () => {
    const accepting = nodeTls.replace('enabled: true', 'enabled: true, mode: accept');
    assert.equal((await read(`${withoutNodes}${accepting}`)).nodes.tls?.mode, 'accept');
    const wrong = [
      ['nodes: { tls: { mode: accept } }', /nodes\.tls\.mode is accept.*nodes\.tls\.enabled/],
      ['nodes: { tls: { enabled: true, mode: accept } }', /nodes\.tls\.(ca|cert|key)/],
      [nodeTls.replace('true', 'true, mode: off'), /nodes\.tls\.mode is "off"/],
    ] as const;
    for (const [text, message] of wrong) {
      const id = 'engine-cluster-config-invalid';
      await assert.rejects(read(`${withoutNodes}${text}\n`), { id, message });
    }
  });

  for (const part of ['ca', 'cert', 'key']) {
    test(`nodes that encrypt without ${part} are refused`, async () => {
      const text = nodeTls.replace(new RegExp(`${part}: [^,]+, `), '');
      assert.notEqual(text, nodeTls);
      await assert.rejects(read(`${withoutNodes}${text}`), {
        id: 'engine-cluster-config-invalid',
        message: new RegExp(`nodes\\.tls\\.${part}`),
      });
    });
  }

  test('to look at nodes their CA is enough: certificates and keys need not be there', async () => {
    const file = path.join(directory, 'looked-at.yaml');
    const elsewhere = nodeTls.replaceAll('certificates/node', 'nowhere/node');
    writeFileSync(file, `${withoutNodes}${elsewhere}`);
    assert.deepEqual(await readNodeTrust(file), {
      tls: {
        ...{ ca: made.ca.cert, serverName: 'node.internal' },
        places: { ca: 'certificates/ca.pem', cert: '', key: '', directory },
      },
      mode: 'require',
    });
    await assert.rejects(readClusterConfig(file, { node: 'one', address: '10.0.0.1:7300' }), {
      id: 'engine-cluster-config-invalid',
    });
    writeFileSync(file, withoutNodes);
    assert.equal(await readNodeTrust(file), undefined);
  });

  test('preflight knows how long the certificates are good for', async () => {
    const config = await read(shown);
    const facts = (days: number) => {
      const { certificates } = certificateFacts(config, {}, Date.now() + days * 86_400_000);
      assert.ok(certificates && 'value' in certificates);
      return certificates.value;
    };
    assert.equal(facts(0).length, 10);
    assert.ok(facts(0).every(({ endsInDays }) => endsInDays === 0 || endsInDays === 1));
    assert.ok(facts(3).every(({ endsInDays }) => endsInDays < 0));
  });

  for (const [title, from, to, message] of [
    [
      'a CA that is not there',
      'ca: certificates/ca.pem',
      'ca: none.pem',
      /zookeeper\.tls\.ca cannot be read/,
    ],
    [
      ...(['a CA that is no certificate', 'ca: certificates/ca.pem'] as const),
      ...([
        'ca: certificates/node.key',
        /zookeeper\.tls\.ca names .* no certificate in PEM/,
      ] as const),
    ],
    [
      'the key of another',
      'node.key',
      'strange.key',
      /zookeeper\.tls\.key is not that of zookeeper/,
    ],
    [
      'a certificate without its key',
      / *key: .*\n/,
      '',
      /kafka\.tls\.cert is .* without each other/,
    ],
    ['a key without its certificate', / *cert: .*\n/, '', /without each other/],
    [
      ...(['certificates where encryption is off', 'enabled: true', 'enabled: false'] as const),
      /kafka\.tls\.ca is .*kafka\.tls\.enabled is false.*does nothing unless/,
    ],
    ['a word for a truth', 'enabled: true', 'enabled: yes please', /enabled is "yes please", but/],
  ] as const) {
    test(`refused: ${title}`, async () => {
      await assert.rejects(read(shown.replace(from, to)), (error: Error) => {
        assert.ok(error instanceof CodedError);
        assert.equal(error.id, 'engine-cluster-config-invalid');
        assert.match(error.message, message);
        assert.ok(!`${error.stack}`.includes(canary) && !`${error.stack}`.includes('PRIVATE'));
        return true;
      });
    });
  }

  test('refused: the path of a key without file: before it, which might be the key', async () => {
    const text = shown.replace('key: file:certificates', 'key: certificates');
    await assert.rejects(read(text), {
      id: 'engine-cluster-secret-plain',
      message: /(kafka|zookeeper)\.tls\.key/,
    });
  });

  test('refused: a key that is not there', async () => {
    const text = shown.replace('node.key', 'no.key');
    await assert.rejects(read(text), {
      id: 'veltrix-secret-unreadable',
      message: /(kafka|zookeeper)\.tls\.key/,
    });
  });
});
