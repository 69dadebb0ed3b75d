import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { after, before, suite, test } from 'node:test';
import { inspect } from 'node:util';
import {
  type Certificates,
  makeCertificates,
  type RunningKafka,
  startKafka,
  whyNoCertificates,
  whyNotAvailable,
  wrongAccesses,
} from '@hunt/services';
import { CodedError } from '../../coded-error.ts';
import type { TlsOptions } from '../../tls/tls-options.ts';
import { RecordingAppender, RecordingFollower } from '../shared-log-contract/recording.contract.ts';
import { until } from './kafka-appending.contract.ts';
import type { SaslCredentials } from './kafka-connection.ts';
import { refusal } from './kafka-refusal.contract.ts';
import { type KafkaLogOptions, openKafkaSharedLog } from './kafka-shared-log.ts';
import { KafkaSurvey } from './kafka-survey.ts';

/*
 * A broker with a listener that takes only who encrypts, has a certificate of its CA, and gives a password by SCRAM. Its
 * plain listener is for itself, and for showing what happens to who encrypts there.
 */
const user = { username: 'hunt', password: `canary${randomBytes(8).toString('hex')}` };
const wrong = `wrong${randomBytes(8).toString('hex')}`;
const right: SaslCredentials = { mechanism: 'SCRAM-SHA-512', ...user };

/** A broker starts in seconds on an idle machine, and in half a minute on a busy one. */
suite('a Kafka that wants encryption, certificates and a password', {
  skip: whyNotAvailable('kafka') ?? whyNoCertificates(),
  timeout: 150_000,
}, () => {
  let made: Certificates;
  let kafka: RunningKafka;
  let rightTls: TlsOptions;

  before(async () => {
    made = makeCertificates();
    kafka = await startKafka({ own: true, saslUser: { ...user, certificates: made } });
    const { cert, key } = made.client;
    rightTls = { ca: made.ca.cert, cert, key };
  });
  after(async () => {
    await kafka?.stop();
    made?.remove();
  });

  function optionsFor(access: Partial<KafkaLogOptions> = {}): KafkaLogOptions {
    return {
      ...{ bootstrap: kafka.saslBootstrap, tls: rightTls, sasl: right },
      ...{ prefix: `secure-${randomBytes(6).toString('hex')}`, partitionCount: 1 },
      ...{ dedupeWindow: 1024, replication: 1, openTimeoutMs: 2_000, requestTimeoutMs: 5_000 },
      ...access,
    };
  }

  /** The error of a start with these options, which a survey has as well; no secret is in either. */
  async function refused(access: Partial<KafkaLogOptions>): Promise<CodedError> {
    const error = await refusal(optionsFor(access));
    const survey = new KafkaSurvey(optionsFor(access));
    const surveyed: unknown = await survey.brokers().catch((failure: unknown) => failure);
    survey.close();
    assert.ok(surveyed instanceof CodedError);
    assert.equal(surveyed.id, error.id);
    for (const secret of [user.password, wrong, 'PRIVATE KEY']) {
      assert.ok(!`${inspect([error, surveyed], { depth: 12 })}`.includes(secret));
    }
    return error;
  }

  for (const mechanism of ['SCRAM-SHA-256', 'SCRAM-SHA-512'] as const) {
    test(`takes what is right: a log is opened, written and read by ${mechanism}`, async () => {
      const log = await openKafkaSharedLog({
        ...optionsFor({ sasl: { ...right, mechanism } }),
        openTimeoutMs: 30_000,
      });
      try {
        const partition = log.partition(0);
        const appender = new RecordingAppender(partition, 'commands').append(Uint8Array.of(7));
        const follower = new RecordingFollower().follow(partition, 'commands', 1);
        await until(() => appender.isAnswered && follower.shown.length === 1);
        assert.deepEqual(appender.errors, [undefined]);
      } finally {
        log.close(() => {});
      }
    });
  }

  test('a wrong password, an unknown user, and a mechanism that is not offered', async () => {
    for (const sasl of [
      { ...right, password: wrong },
      { ...right, username: 'nobody' },
      { ...right, mechanism: 'PLAIN' as const },
    ]) {
      const error = await refused({ sasl });
      assert.equal(error.id, 'veltrix-kafka-credentials');
    }
  });

  test('no credentials: nothing is waited for beyond openTimeoutMs', async () => {
    const { sasl: _, ...options } = optionsFor();
    assert.equal((await refusal(options)).id, 'veltrix-kafka-unreachable');
  });

  for (const { title, reason, tls } of wrongAccesses('kafka')) {
    test(`refused: ${title}`, async () => {
      const error = await refused({ tls: tls(made) });
      assert.equal(error.id, 'veltrix-kafka-tls');
      assert.match(error.message, reason);
    });
  }

  test('refused: no encryption where it is wanted, and the other way round', async () => {
    const { tls: _, ...plain } = optionsFor();
    const unencrypted = await refusal(plain);
    assert.equal(unencrypted.id, 'veltrix-kafka-tls');
    assert.match(unencrypted.message, /wants encryption; set kafka\.tls\.enabled/);
    const encrypted = await refused({ bootstrap: kafka.bootstrap });
    assert.equal(encrypted.id, 'veltrix-kafka-tls');
    assert.match(encrypted.message, /it answers without encryption/);
  });
});
