import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { after, before, suite, test } from 'node:test';
import { inspect } from 'node:util';
import {
  type Certificates,
  makeCertificates,
  type RunningRedis,
  startRedis,
  whyNoCertificates,
  whyNotAvailable,
  wrongAccesses,
} from '@hunt/services';
import { CodedError } from 'veltrix';
import { redisFacts } from '../preflight/probes/redis-probe.ts';
import type { RedisServers } from './redis-client.ts';
import { RedisLink } from './redis-link.ts';

/*
 * A Redis that takes only who encrypts, has a certificate of its CA, and gives a password. It has a plain port as well,
 * with the same users.
 */
const user = { username: 'hunt', password: `canary${randomBytes(8).toString('hex')}` };
const wrong = `wrong${randomBytes(8).toString('hex')}`;

suite('a Redis that wants encryption, certificates and a password', {
  skip: whyNotAvailable('redis') ?? whyNoCertificates(),
}, () => {
  let made: Certificates;
  let redis: RunningRedis;
  let right: RedisServers;

  before(async () => {
    made = makeCertificates();
    redis = await startRedis({ own: true, certificates: made, user });
    const { cert, key } = made.client;
    const tls = { ca: made.ca.cert, cert, key };
    right = { addresses: redis.tlsAddresses, ...user, tls };
  });
  after(async () => {
    await redis?.stop();
    made?.remove();
  });

  const open = (servers: RedisServers) =>
    RedisLink.open({
      servers,
      check: async () => {},
      ...{ onUp: () => {}, onDown: () => {}, onRefused: () => {} },
    });

  /** The coded error of a start with these options, and of a preflight; no secret is in either. */
  async function refused(servers: RedisServers): Promise<CodedError> {
    const error = await open(servers).then(
      (link) => link.close().then(() => assert.fail('it was opened')),
      (failure: unknown) => failure,
    );
    assert.ok(error instanceof CodedError, `${error}`);
    const { username, password, ...rest } = servers;
    const config = { redis: { cluster: false, prefix: 'hunt:', username, password, ...rest } };
    const facts = JSON.stringify(await redisFacts(config, 8_000));
    assert.ok(facts.includes(`(${error.id})`), facts);
    for (const secret of [user.password, wrong, 'PRIVATE KEY']) {
      assert.ok(!`${inspect(error, { depth: 12 })}${facts}`.includes(secret));
    }
    return error;
  }

  test('takes what is right, and works', async () => {
    const link = await open(right);
    try {
      assert.ok(link.up, link.error.message);
      assert.equal(await link.client.set('greeting', 'hello'), 'OK');
      assert.equal(await link.client.get('greeting'), 'hello');
    } finally {
      await link.close();
    }
  });

  test('a wrong password, and none', async () => {
    const { tls } = right;
    const bad = await refused({ ...right, password: wrong });
    assert.equal(bad.id, 'engine-redis-refused');
    assert.match(bad.message, /WRONGPASS/);
    const none = await refused({ addresses: right.addresses, ...(tls && { tls }) });
    assert.equal(none.id, 'engine-redis-refused');
    assert.match(none.message, /NOAUTH/);
  });

  for (const { title, reason, tls } of wrongAccesses('redis')) {
    test(`refused: ${title}`, async () => {
      const error = await refused({ ...right, tls: tls(made) });
      assert.equal(error.id, 'engine-redis-tls');
      assert.match(error.message, reason);
    });
  }

  test('refused: no encryption where it is wanted, and the other way round', async () => {
    const { tls, ...plain } = right;
    const unencrypted = await refused(plain);
    assert.equal(unencrypted.id, 'engine-redis-tls');
    assert.match(unencrypted.message, /wants encryption; set redis\.tls\.enabled/);
    const encrypted = await refused({ ...right, addresses: redis.addresses });
    assert.equal(encrypted.id, 'engine-redis-tls');
    assert.match(encrypted.message, /it answers without encryption/);
  });

  test('a server that is lost is waited for, and is no refusal', async () => {
    const link = await open(right);
    try {
      await redis.kill();
      await assert.rejects(async () => {
        for (;;) await link.client.ping();
      });
      await redis.restart();
      while (!link.up) await new Promise((resolve) => setTimeout(resolve, 20));
    } finally {
      await link.close();
    }
  });
});
