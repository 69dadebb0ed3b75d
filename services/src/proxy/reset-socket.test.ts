import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { type TestContext, test } from 'node:test';
import { eventually } from '../testing/eventually.ts';
import { resetSocket } from './reset-socket.ts';

/** Both ends of a connection, and what went wrong at the second. */
async function connection(t: TestContext) {
  const server = createServer({ allowHalfOpen: true });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => server.close());
  const { port } = server.address() as AddressInfo;
  const other = connect({ host: '127.0.0.1', port, allowHalfOpen: true }).resume();
  t.after(() => other.destroy());
  const [socket] = (await once(server, 'connection')) as [Socket];
  const errors: Error[] = [];
  socket.on('error', (error) => errors.push(error));
  other.on('error', (error) => errors.push(error));
  return { socket, other, errors };
}

test('the other side hears of a reset', async (t) => {
  const { socket, other, errors } = await connection(t);
  resetSocket(socket);
  await eventually('it hears of it', () => other.destroyed);
  assert.match(String(errors), /ECONNRESET/);
});

test('a connection that is being shut down is closed', async (t) => {
  const { socket, other, errors } = await connection(t);
  socket.end();
  process.nextTick(() => resetSocket(socket));
  await once(other, 'end');
  await eventually('nobody is there any more', () => {
    if (!other.destroyed) other.write('x');
    return other.destroyed;
  });
  assert.match(String(errors), /EPIPE|ECONNRESET/);
  assert.doesNotMatch(String(errors), /EINVAL/);
});
