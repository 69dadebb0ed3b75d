import assert from 'node:assert/strict';
import { test } from 'node:test';
import { engineErrors } from '../../errors.ts';
import { onceSchemaSettles } from './settled-schema.ts';

const refused = (reason: string) => engineErrors.create('engine-archive-refused', { reason });

test('what is not there yet is waited for; what is wrong is not', async () => {
  const answers = ['unconfigured table identity', "Keyspace 'hunt' does not exist"].map(refused);
  let asked = 0;
  const attempt = async () => {
    const error = answers[asked++];
    if (error) throw error;
    return 'there';
  };
  assert.equal(await onceSchemaSettles(attempt), 'there');
  assert.equal(asked, 3);
  for (const error of [
    refused("Unable to find replication strategy class 'NoSuchStrategy'"),
    engineErrors.create('engine-archive-unavailable', { reason: 'table x does not exist' }),
    new Error('a mistake'),
  ]) {
    let tries = 0;
    const failing = async () => {
      tries += 1;
      throw error;
    };
    await assert.rejects(onceSchemaSettles(failing), error);
    assert.equal(tries, 1);
  }
});
