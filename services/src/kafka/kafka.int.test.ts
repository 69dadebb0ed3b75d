import assert from 'node:assert/strict';
import { test } from 'node:test';
import { whyNotAvailable } from '../availability.ts';
import { assertNothingLeft } from '../testing/nothing-left.ts';
import { startKafka } from './kafka.ts';
import { probeKafka } from './kafka-probe.ts';

const answers = (address: string, brokers: number) =>
  probeKafka(address, brokers, AbortSignal.timeout(5_000));

test('a broker answers, is killed, comes back on its port, and leaves nothing', {
  skip: whyNotAvailable('kafka'),
}, async () => {
  const kafka = await startKafka({ own: true });
  const [address = ''] = kafka.bootstrap;
  await assertNothingLeft(kafka, async () => {
    await answers(address, 1);
    await kafka.kill();
    await assert.rejects(answers(address, 1), /ECONNREFUSED/);
    await kafka.restart();
    await answers(address, 1);
    kafka.freeze();
    await assert.rejects(probeKafka(address, 1, AbortSignal.timeout(200)), /is silent/);
  });
});

test('each of three brokers knows the others', { skip: whyNotAvailable('kafka3') }, async () => {
  const kafka = await startKafka({ brokers: 3, own: true });
  await assertNothingLeft(kafka, async () => {
    assert.equal(new Set(kafka.bootstrap).size, 3);
    for (const address of kafka.bootstrap) await answers(address, 3);
    await assert.rejects(kafka.kill(3), /no server 3: they are 0 to 2/);
  });
});
