import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { after, afterEach, before, suite, test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { inspect } from 'node:util';
import {
  type Certificates,
  makeCertificates,
  type RunningZooKeeper,
  startZooKeeper,
  whyNoCertificates,
  whyNotAvailable,
  wrongAccesses,
} from '@hunt/services';
import { CodedError } from '../../coded-error.ts';
import type { TlsOptions } from '../../tls/tls-options.ts';
import type { Coordinator } from '../coordinator.ts';
import { openZooKeeperCoordinator, type ZooKeeperOptions } from './zookeeper-coordination.ts';
import { surveyZooKeeper } from './zookeeper-survey.ts';

/*
 * A ZooKeeper that answers nobody who has not said who he is, and whose encrypted port takes only who has a certificate
 * of its CA. What is made is for its maker alone.
 */
const right = `hunt:canary${randomBytes(8).toString('hex')}`;
const wrong = `hunt:wrong${randomBytes(8).toString('hex')}`;
const plan = { logId: '0123456789abcdef0123456789abcdef', partitionCount: 3, dedupeWindow: 1024 };
const node = { nodeId: 'one', address: '', roles: [], release: '', zone: '', capacity: 1 };

suite('a ZooKeeper that wants encryption, certificates and a password', {
  skip: whyNotAvailable('zookeeper') ?? whyNoCertificates(),
  timeout: 150_000,
}, () => {
  let made: Certificates;
  let zookeeper: RunningZooKeeper;
  let rightTls: TlsOptions;
  const opened = new Set<Coordinator>();

  // Of a hook that has no limit of its own a suite's time-out is not the limit.
  before(
    async () => {
      made = makeCertificates();
      const settings = { 'enforce.auth.enabled': 'true', 'enforce.auth.schemes': 'digest' };
      zookeeper = await startZooKeeper({ own: true, certificates: made, settings });
      const { cert, key } = made.client;
      rightTls = { ca: made.ca.cert, cert, key };
      await joined({});
    },
    { timeout: 100_000 },
  );
  // Whatever has failed: one that stays open asks for ever, and this process does not end.
  const closeOpened = () => Promise.all([...opened].map(closed));
  afterEach(closeOpened);
  after(async () => {
    await closeOpened();
    await zookeeper?.stop();
    made?.remove();
  });

  function optionsFor(access: Partial<ZooKeeperOptions>): ZooKeeperOptions {
    return {
      ...{ connect: zookeeper.tlsConnect, tls: rightTls, credentials: right, plan },
      ...{ prefix: '/secure', sessionTimeoutMs: 4_000, timings: { answerTimeoutMs: 3_000 } },
      ...access,
    };
  }

  function open(access: Partial<ZooKeeperOptions>): Coordinator {
    const coordinator = openZooKeeperCoordinator(optionsFor(access));
    opened.add(coordinator);
    return coordinator;
  }

  function closed(coordinator: Coordinator): Promise<void> {
    opened.delete(coordinator);
    return new Promise((resolve) => coordinator.close(resolve));
  }

  /** Becomes a member and leaves. */
  async function joined(access: Partial<ZooKeeperOptions>): Promise<void> {
    const coordinator = open(access);
    await new Promise<void>((resolve, reject) =>
      coordinator.join(node, (error) => (error ? reject(error) : resolve())),
    ).finally(() => closed(coordinator));
  }

  /** The error of a look at the place; no secret is in it. */
  async function refused(access: Partial<ZooKeeperOptions>): Promise<CodedError> {
    const options = optionsFor(access);
    const error = await surveyZooKeeper(options).then(
      () => assert.fail('it was read'),
      (failure: unknown) => failure,
    );
    assert.ok(error instanceof CodedError, `${error}`);
    for (const secret of [right, wrong, right.slice(5), 'PRIVATE KEY']) {
      assert.ok(!inspect(error, { depth: 12 }).includes(secret));
    }
    return error;
  }

  test('takes what is right: a node joins, and the place is read', async () => {
    await joined({});
    const { content, grantedSessionMs } = await surveyZooKeeper(optionsFor({}));
    assert.deepEqual(content.plan, plan);
    assert.equal(grantedSessionMs, 4_000);
  });

  test('another password may neither read nor write what the nodes have made', async () => {
    const credentials = wrong;
    assert.equal((await refused({ credentials })).id, 'veltrix-coordination-refused');
    await assert.rejects(joined({ credentials }), { id: 'veltrix-coordination-refused' });
  });

  // Each is tried again until the time to answer is over: side by side that is once.
  suite('refused', { concurrency: true }, () => {
    test('no password', async () => {
      const { credentials: _, ...options } = optionsFor({});
      await assert.rejects(surveyZooKeeper(options), { id: 'veltrix-coordination-refused' });
    });

    for (const { title, reason, tls } of wrongAccesses('zookeeper')) {
      test(title, async () => {
        const error = await refused({ tls: tls(made) });
        assert.equal(error.id, 'veltrix-coordination-tls');
        assert.match(error.message, reason);
      });
    }

    test('no encryption where it is wanted', async () => {
      const { tls: _, ...plain } = optionsFor({});
      await assert.rejects(surveyZooKeeper(plain), {
        id: 'veltrix-coordination-tls',
        message: /wants encryption; set zookeeper\.tls\.enabled/,
      });
    });

    test('encryption where it is not wanted', async () => {
      const encrypted = await refused({ connect: zookeeper.connect });
      assert.equal(encrypted.id, 'veltrix-coordination-tls');
      assert.match(encrypted.message, /it answers without encryption/);
    });
  });

  test('a server that is lost is waited for', async ({ signal }) => {
    const states: string[] = [];
    open({}).onSession((state) => states.push(state));
    const seen = async (state: string, count: number) => {
      while (states.filter((one) => one === state).length < count) {
        await pause(20, undefined, { signal });
      }
    };
    await seen('connected', 1);
    await zookeeper.kill();
    await seen('disconnected', 1);
    await zookeeper.restart();
    await seen('connected', 2);
  });
});
