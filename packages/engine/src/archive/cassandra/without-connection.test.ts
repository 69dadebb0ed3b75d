import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { test } from 'node:test';
import { isWithoutConnection } from './without-connection.ts';

test('what the driver says when it has no connection is known as such', () => {
  // Not part of the driver's API: another version may say it otherwise, and has to be seen to.
  const Pool = createRequire(import.meta.url)('cassandra-driver/lib/host-connection-pool.js');
  assert.throws(
    () => Pool.prototype.borrowConnection.call({ connections: [] }),
    (error) => isWithoutConnection(error),
  );
  assert.equal(isWithoutConnection(new TypeError('x is not a function')), false);
});
