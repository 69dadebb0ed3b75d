import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CodedError } from '../../coded-error.ts';
import type { KafkaBrokers } from './kafka-brokers.ts';
import { kafkaCode } from './kafka-codes.ts';
import { ensureTopics, logTopic } from './kafka-topics.ts';

/** Brokers that know of so many among them, and have too few for a topic. */
function brokersThatKnow(count: number): KafkaBrokers {
  const places = Array.from({ length: count }, (_, id) => [id, { host: '127.0.0.1', port: id }]);
  const view = { brokers: new Map(places as [number, object][]), topics: new Map() };
  const topics = [{ name: 'log.commands', errorCode: kafkaCode.invalidReplicationFactor }];
  const known = { view, refresh: async () => view, askAny: async () => ({ topics }) };
  return known as unknown as KafkaBrokers;
}

const refusal = (count: number) =>
  ensureTopics(brokersThatKnow(count), [logTopic('log.commands', 1, 3, 2, 1_000)]);

test('too few brokers for a topic is an error that waiting does not mend', async () => {
  await assert.rejects(refusal(1), { id: 'veltrix-kafka-under-replicated' });
});

test('none at all is one for which it is tried again: the only one is taken for gone, and has just answered', async () => {
  await assert.rejects(refusal(0), (error) => !(error instanceof CodedError));
});
