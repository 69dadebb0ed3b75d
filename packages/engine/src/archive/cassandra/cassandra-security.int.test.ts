import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { after, before, suite, test } from 'node:test';
import { inspect } from 'node:util';
import {
  type Certificates,
  makeCertificates,
  type RunningCassandra,
  startCassandra,
  whyNoCertificates,
  whyNotAvailable,
  wrongAccesses,
} from '@hunt/services';
import { CodedError } from 'veltrix';
import type { CassandraArchiveOptions } from './cassandra-options.ts';
import { CassandraSession } from './cassandra-session.ts';

/* A Cassandra that takes only who encrypts, has a certificate of its CA, and gives a password. */
const user = { username: 'hunt', password: `canary${randomBytes(8).toString('hex')}` };
const wrong = `wrong${randomBytes(8).toString('hex')}`;
/** Of a new server. */
const firstUser = { username: 'cassandra', password: 'cassandra' };

suite('a Cassandra that wants encryption, certificates and a password', {
  skip: whyNotAvailable('cassandra') ?? whyNoCertificates(),
  timeout: 200_000,
}, () => {
  let made: Certificates;
  let cassandra: RunningCassandra;
  let right: CassandraArchiveOptions;

  before(async () => {
    made = makeCertificates();
    cassandra = await startCassandra({
      ...{ own: true, certificates: made },
      settings: { authenticator: 'PasswordAuthenticator', authorizer: 'CassandraAuthorizer' },
    });
    const { cert, key } = made.client;
    right = {
      ...{ contactPoints: [cassandra.contactPoint], localDataCenter: 'datacenter1' },
      ...{ keyspace: 'hunt', logId: '', tls: { ca: made.ca.cert, cert, key } },
      replication: { class: 'SimpleStrategy', replication_factor: '1' },
      credentials: user,
      requestTimeoutMs: 20_000,
    };
    await makeUser();
  });
  after(async () => {
    await cassandra?.stop();
    made?.remove();
  });

  /** The first user is made a moment after the server answers. */
  async function makeUser(): Promise<void> {
    for (const deadline = Date.now() + 60_000; ; ) {
      try {
        const session = await CassandraSession.connect({ ...right, credentials: firstUser });
        const { username, password } = user;
        await session.define(
          `CREATE ROLE ${username} WITH PASSWORD = '${password}' AND LOGIN = true`,
        );
        return await session.close();
      } catch (error) {
        if (Date.now() > deadline) throw error;
        await new Promise((resolve) => setTimeout(resolve, 200));
      }
    }
  }

  /** The coded error of a start with these options; no secret is in it. */
  async function refused(options: CassandraArchiveOptions): Promise<CodedError> {
    const error = await CassandraSession.connect(options).then(
      (session) => session.close().then(() => assert.fail('it was opened')),
      (failure: unknown) => failure,
    );
    assert.ok(error instanceof CodedError, `${error}`);
    for (const secret of [user.password, wrong, 'PRIVATE KEY']) {
      assert.ok(!inspect(error, { depth: 12 }).includes(secret));
    }
    return error;
  }

  test('takes what is right, and answers', async () => {
    const session = await CassandraSession.connect(right);
    try {
      const [row] = await session.rows('SELECT data_center FROM system.local', []);
      assert.equal(row?.['data_center'], 'datacenter1');
      await assert.rejects(
        session.define(
          `CREATE KEYSPACE hunt WITH replication = {'class': 'SimpleStrategy', 'replication_factor': 1}`,
        ),
        { id: 'engine-archive-refused', message: /hunt/ },
      );
    } finally {
      await session.close();
    }
  });

  test('a wrong password, and none', async () => {
    const bad = await refused({ ...right, credentials: { ...user, password: wrong } });
    assert.equal(bad.id, 'engine-archive-credentials');
    const { credentials: _, ...none } = right;
    assert.equal((await refused(none)).id, 'engine-archive-credentials');
  });

  for (const { title, reason, tls } of wrongAccesses('cassandra')) {
    test(`refused: ${title}`, async () => {
      const error = await refused({ ...right, tls: tls(made) });
      assert.equal(error.id, 'engine-archive-tls');
      assert.match(error.message, reason);
    });
  }

  test('refused: no encryption where it is wanted', async () => {
    const { tls: _, ...plain } = right;
    const error = await refused(plain);
    assert.equal(error.id, 'engine-archive-tls');
    assert.match(error.message, /wants encryption; set cassandra\.tls\.enabled/);
  });
});
