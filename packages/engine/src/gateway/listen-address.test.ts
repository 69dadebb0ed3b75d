/*
 * A gateway that is told to listen on a name, on real sockets. The name is given two addresses of this machine, as
 * `localhost` has wherever there is IPv6, so that a second server would be one that answers.
 */
import assert from 'node:assert/strict';
import dns from 'node:dns';
import { once } from 'node:events';
import { connect } from 'node:net';
import { type TestContext, test } from 'node:test';
import { listenAddress } from './listen-address.ts';
import { startTestGateway } from './testing/test-gateway.ts';

const addresses = ['127.0.0.1', '127.0.0.2'] as const;

/** For whoever looks `localhost` up from now on. */
function giveTwoAddresses(t: TestContext): void {
  const original = dns.lookup as (...args: unknown[]) => void;
  const found = addresses.map((address) => ({ address, family: 4 }));
  t.mock.method(dns, 'lookup', (host: string, ...rest: unknown[]) => {
    const told = rest.at(-1) as (...answer: unknown[]) => void;
    const options = rest.length > 1 ? (rest[0] as { readonly all?: boolean }) : {};
    if (host !== 'localhost') original(host, ...rest);
    else if (options.all) told(null, found);
    else told(null, addresses[0], 4);
  });
}

/** Whether somebody listens there. */
async function answers(host: string, port: number): Promise<boolean> {
  const socket = connect({ host, port });
  try {
    await once(socket, 'connect');
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}

test('on localhost one server listens, which the gate guards and a stop waits for', async (t) => {
  giveTwoAddresses(t);
  const { gateway, url } = await startTestGateway(t, {}, 1, undefined, { host: 'localhost' });
  const port = Number(new URL(url).port);
  assert.deepEqual(gateway.app.addresses(), [{ address: addresses[0], family: 'IPv4', port }]);
  assert.equal((await fetch(`${url}/readyz`)).status, 200);
  assert.deepEqual(await Promise.all(addresses.map((address) => answers(address, port))), [
    true,
    false,
  ]);
  await gateway.close();
  assert.equal(await answers(addresses[0], port), false);
});

test('an address stays what it is, and a name that nobody has is refused as one', async () => {
  for (const host of ['127.0.0.1', '0.0.0.0', '::', '::1', '']) {
    assert.equal(await listenAddress(host), host);
  }
  assert.match(await listenAddress('localhost'), /^(127\.0\.0\.1|::1)$/);
  await assert.rejects(listenAddress('nobody.invalid'), { syscall: 'getaddrinfo' });
});
