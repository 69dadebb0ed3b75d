/*
 * Nodes that encrypt what they ask each other, on servers that take only who encrypts, has a certificate of their CA, and
 * gives a password; with the file that an operator would write.
 */
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, suite, test } from 'node:test';
import {
  type Certificates,
  makeCertificates,
  startCassandra,
  startKafka,
  startRedis,
  startZooKeeper,
  whyNoCertificates,
} from '@hunt/services';
import { freeAddress, whyNoCluster } from '../testing/cluster-deployment.ts';
import { ClusterProcess } from '../testing/cluster-process.ts';
import { playSampleHunt, sampleHuntFile } from '../testing/sample-hunt.ts';

const user = { username: 'hunt', password: `canary${randomBytes(8).toString('hex')}` };
/** Of a new Cassandra. */
const cassandraUser = { username: 'cassandra', password: 'cassandra' };
const environment = { CASSANDRA_PASSWORD: cassandraUser.password };
const startMs = 200_000;
const deadlineMs = 120_000;

suite('a cluster whose nodes and servers want encryption, certificates and passwords', {
  skip: whyNoCluster ?? whyNoCertificates(),
  timeout: startMs + 3 * deadlineMs,
}, () => {
  const stops: (() => unknown)[] = [];
  let made: Certificates;
  let directory: string;
  let file: string;

  before(
    async () => {
      made = makeCertificates();
      stops.push(() => made.remove());
      directory = mkdtempSync(path.join(tmpdir(), 'hunt-secured-'));
      stops.push(() => rmSync(directory, { recursive: true, force: true }));
      const own = { own: true, certificates: made } as const;
      const authenticated = {
        ...{ 'enforce.auth.enabled': 'true', 'enforce.auth.schemes': 'digest' },
      };
      const [kafka, cassandra, redis, zookeeper] = await Promise.all([
        startKafka({ own: true, heapMb: 512, saslUser: { ...user, certificates: made } }),
        startCassandra({ ...own, settings: { authenticator: 'PasswordAuthenticator' } }),
        startRedis({ ...own, user }),
        startZooKeeper({ ...own, settings: authenticated }),
      ]);
      stops.push(...[kafka, cassandra, redis, zookeeper].map((server) => () => server.stop()));
      writeFileSync(path.join(directory, 'password'), user.password);
      writeFileSync(path.join(directory, 'credentials'), `${user.username}:${user.password}`);
      const tls = {
        ...{ enabled: true, ca: made.ca.certFile, cert: made.client.certFile },
        key: `file:${made.client.keyFile}`,
      };
      const access = { username: user.username, password: 'file:password' };
      file = path.join(directory, 'cluster.yaml');
      const config = {
        ...{ partitions: 1, dedupeWindow: 65_536, secrets: 'shared' },
        nodes: {
          tls: {
            ...{ enabled: true, ca: made.ca.certFile, cert: made.server.certFile },
            key: `file:${made.server.keyFile}`,
          },
        },
        kafka: {
          ...{ bootstrap: kafka.saslBootstrap, replication: 1, tls },
          sasl: { mechanism: 'SCRAM-SHA-512', ...access },
        },
        zookeeper: { connect: zookeeper.tlsConnect, credentials: 'file:credentials', tls },
        redis: { addresses: redis.tlsAddresses, ...access, tls },
        cassandra: {
          ...{ contactPoints: [cassandra.contactPoint], dataCenter: 'datacenter1', tls },
          replication: { class: 'SimpleStrategy', replication_factor: 1 },
          ...{ username: cassandraUser.username, password: 'env:CASSANDRA_PASSWORD' },
        },
      };
      // JSON is YAML.
      writeFileSync(file, JSON.stringify(config, undefined, 2));
    },
    { timeout: startMs },
  );
  after(async () => {
    for (const stop of stops.reverse()) await stop();
  });

  test('a hunt is played to its end, brought into standings and archived; no secret is in the log', {
    timeout: 3 * deadlineMs,
  }, async () => {
    const address = await freeAddress();
    const place = ['--cluster', file, '--address', address, '--port', '0'];
    const roles = ['--roles', 'processor,coordinator'];
    const owner = new ClusterProcess('owner', [...place, ...roles], environment);
    try {
      await owner.until(() => owner.log.includes('"owning"'), 'owns', deadlineMs);
      const gate = await playThrough();
      // What the gateway asked the owner was answered, or nobody would have been told of progress.
      assert.doesNotMatch(`${owner.log}${gate}`, /engine-node-(tls|caller)/);
      await assert.rejects(fetch(`http://${address}/healthz`));
      await owner.until(() => owner.log.includes('engine-node-caller'), 'tells who', deadlineMs);
      // The last of it: nothing can be connected to any more.
      writeFileSync(made.client.certFile, 'nothing');
      await owner.until(() => refusesRenewed(owner.log), 'tells of no use', deadlineMs);
    } finally {
      await owner.kill('SIGKILL');
    }
  });

  function refusesRenewed(log: string): boolean {
    const lines = log.split('\n').filter((line) => line.includes('engine-certificate-not-renewed'));
    return ['kafka', 'zookeeper', 'redis', 'cassandra'].every((server) =>
      lines.some((line) => line.includes(`connections to ${server}`)),
    );
  }

  /** A team plays through a gateway; resolves with what that logged. */
  async function playThrough(): Promise<string> {
    // Cassandra may still be making its first user.
    for (let tries = 1; ; tries++) {
      const place = ['--cluster', file, '--address', await freeAddress(), '--port', '0'];
      const roles = ['--roles', 'gateway,views,archiver'];
      const node = new ClusterProcess(
        'gate',
        [...place, ...roles, '--hunt', sampleHuntFile],
        environment,
      );
      try {
        await node.until(() => node.exited || node.log.includes('"joined"'), 'joins', deadlineMs);
        if (node.exited) {
          const { id, message } = await node.refusal(deadlineMs);
          assert.ok(id === 'engine-archive-credentials' && tries < 5, message);
          continue;
        }
        const { url, organiserKeyFile } = await node.ready(deadlineMs);
        const key = readFileSync(organiserKeyFile, 'utf8').trim();
        const signal = AbortSignal.timeout(deadlineMs);
        await playSampleHunt(url, key, 'lanterns', { isFirst: true, signal });
        for (const done of ['brings standings', 'archives']) {
          await node.until(() => node.log.includes(`"${done}"`), done, deadlineMs);
        }
        assert.ok(!node.log.includes(user.password) && !node.log.includes('PRIVATE KEY'));
        return node.log;
      } finally {
        await node.kill('SIGKILL');
      }
    }
  }
});
