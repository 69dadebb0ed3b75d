import assert from 'node:assert/strict';
import { test } from 'node:test';
import { whyNotAvailable } from '../availability.ts';
import { FaultProxy } from '../proxy/fault-proxy.ts';
import { assertNothingLeft } from '../testing/nothing-left.ts';
import { startKafka } from './kafka.ts';
import { brokersAt, probeKafka } from './kafka-probe.ts';

const answers = (address: string, brokers: number) =>
  probeKafka(address, brokers, AbortSignal.timeout(5_000));

/** By what addresses a broker names all of them. */
async function namedBrokers(address: string): Promise<string[]> {
  return (await brokersAt(address, AbortSignal.timeout(5_000))).toSorted();
}

/** A Java server starts in seconds on an idle machine, and in half a minute on a busy one. */
const twoStartsMs = 150_000;

test('a broker answers, is killed, comes back on its port, and leaves nothing', {
  skip: whyNotAvailable('kafka'),
  timeout: twoStartsMs,
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

test('each of three brokers knows the others', {
  skip: whyNotAvailable('kafka3'),
  timeout: twoStartsMs,
}, async () => {
  const proxies = await Promise.all([0, 1, 2].map(() => FaultProxy.listen()));
  const link = proxies.map(({ address }) => address);
  const kafka = await startKafka({ brokers: 3, own: true, links: [link] });
  for (const [broker, proxy] of proxies.entries()) proxy.target = kafka.linkTargets[0]![broker]!;
  await assertNothingLeft(kafka, async () => {
    assert.equal(new Set(kafka.bootstrap).size, 3);
    for (const address of [...kafka.bootstrap, ...link]) await answers(address, 3);
    // Who comes in by a link is told of the brokers by its addresses, who comes in directly by theirs.
    assert.deepEqual(await namedBrokers(link[0]!), link.toSorted());
    assert.deepEqual(await namedBrokers(kafka.bootstrap[0]!), kafka.bootstrap.toSorted());
    for (const proxy of proxies) await proxy.close();
    await assert.rejects(kafka.kill(3), /no server 3: they are 0 to 2/);
  });
});
