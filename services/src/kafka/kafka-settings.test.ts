import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { clusterProperties, replacedSoon } from './kafka-settings.ts';

const page = path.join(import.meta.dirname, '../../../docs/cluster.md');

test('docs/cluster.md names what three brokers are set to, so that one that is gone is replaced soon', () => {
  const [, block = ''] = /```properties\n(.*?)```/s.exec(readFileSync(page, 'utf8')) ?? [];
  const told = Object.fromEntries(
    block
      .trim()
      .split('\n')
      .map((line) => line.split('=')),
  );
  assert.deepEqual(told, { ...replacedSoon });
});

test('one broker is not fenced for a pause: nobody could lead in its place', () => {
  assert.equal(clusterProperties(3)['broker.session.timeout.ms'], '1000');
  assert.equal(clusterProperties(1)['broker.session.timeout.ms'], '3000');
});
