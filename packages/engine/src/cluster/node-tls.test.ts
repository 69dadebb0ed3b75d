/* Nodes that ask each other encrypted, on real sockets: who is let in, who is told what, and certificates that are renewed. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type RequestOptions, request } from 'node:https';
import { after, before, suite, type TestContext, test } from 'node:test';
import { connect } from 'node:tls';
import {
  type Certificates,
  type Certified,
  freePorts,
  makeCertificates,
  whyNoCertificates,
  wrongAccesses,
} from '@hunt/services';
import type { CodedError } from 'veltrix';
import { LiveConfig } from 'veltrix/config';
import type { TlsOptions } from 'veltrix/tls';
import { until } from '../testing/until.ts';
import { InternalClient } from './internal-client.ts';
import { type InternalHandler, InternalServer, type NodeHealth } from './internal-server.ts';
import { NodeConnections } from './node-connections.ts';
import { NodeLifelines } from './node-lifelines.ts';

const key = new Uint8Array(32).fill(3);
const handlers: Record<string, InternalHandler> = {
  double: async (question: unknown) => Number(question) * 2,
};

suite('nodes that encrypt', { skip: whyNoCertificates() }, () => {
  let made: Certificates;
  let other: Certificates;
  before(() => {
    made = makeCertificates();
    other = makeCertificates();
  });
  after(() => {
    made.remove();
    other.remove();
  });

  const tlsOf = ({ cert, key }: Certified, { ca }: Pick<Certificates, 'ca'> = made) =>
    new LiveConfig<TlsOptions>({ ca: ca.cert, cert, key });

  /** A node, and what it complains of. */
  async function node(t: TestContext, tls: LiveConfig<TlsOptions> | undefined) {
    const [port = 0] = await freePorts(1);
    const address = `127.0.0.1:${port}`;
    const problems: CodedError[] = [];
    const asked = { health: 0 };
    const server = await InternalServer.listen({
      ...{ address, handlers, key, tls, metrics: () => 'a 1\n' },
      health: (): NodeHealth => {
        asked.health += 1;
        return { isReady: true, impairments: [] };
      },
      onProblem: (error) => problems.push(error as CodedError),
    });
    t.after(() => server.close());
    return { address, port, problems, server, asked };
  }

  function caller(t: TestContext, tls: LiveConfig<TlsOptions> | undefined, ownKey = key) {
    const problems: CodedError[] = [];
    const connections = new NodeConnections({
      tls,
      onProblem: (error) => problems.push(error as CodedError),
    });
    const client = new InternalClient(ownKey, { connections });
    t.after(() => client.close());
    const ask = (address: string) => client.call(address, 'double', 4);
    return { ask, problems, connections };
  }

  function page(address: string, path: string, options: RequestOptions = {}): Promise<number> {
    return new Promise((resolve, reject) => {
      const all = { ca: made.ca.cert, agent: false, ...options };
      const call = request(`https://${address}${path}`, all, (response) => {
        response.resume();
        resolve(response.statusCode ?? 0);
      });
      call.once('error', reject);
      call.end();
    });
  }

  test('each with a certificate of the CA: asked and answered, where the key is right, too', async (t) => {
    const { address, problems } = await node(t, tlsOf(made.server));
    const { ask, problems: own } = caller(t, tlsOf(made.client));
    for (let i = 0; i < 3; i++) assert.equal(await ask(address), 8);
    const stranger = caller(t, tlsOf(made.client), new Uint8Array(32).fill(4));
    await assert.rejects(stranger.ask(address), /the secret of the deployment is another/);
    assert.deepEqual([problems, own], [[], []]);
  });

  test('one certificate for all nodes by a name that none of the addresses has', async (t) => {
    const { address } = await node(t, tlsOf(made.server));
    const named = (serverName: string) => {
      const { cert, key } = made.client;
      return new LiveConfig<TlsOptions>({ ca: made.ca.cert, cert, key, serverName });
    };
    assert.equal(await caller(t, named('localhost')).ask(address), 8);
    await assert.rejects(caller(t, named('node.example')).ask(address), {
      id: 'engine-node-tls',
      message: /not for node\.example: .*nodes\.tls\.serverName/,
    });
  });

  for (const { title, tls } of wrongAccesses('nodes')) {
    test(`${title} is a named error of who calls`, async (t) => {
      const { address, problems } = await node(t, tlsOf(made.server));
      const wrong = caller(t, new LiveConfig<TlsOptions>(tls(made)));
      await assert.rejects(wrong.ask(address), (error: CodedError) => {
        assert.match(error.id, /^engine-node-(tls|caller)$/);
        assert.match(error.message, /nodes\.tls/);
        return true;
      });
      // Who was let in and then sent away is told of by the node, too.
      if (wrong.problems.length === 0) assert.equal(problems[0]?.id, 'engine-node-caller');
      assert.equal(await caller(t, tlsOf(made.client)).ask(address), 8);
    });
  }

  test('without a certificate, or with one of another CA, there is health and metrics only', async (t) => {
    const { address, server } = await node(t, tlsOf(made.server));
    const { cert, key: strangeKey } = made.strangeClient;
    for (const shows of [{}, { cert, key: strangeKey }]) {
      for (const path of ['/healthz', '/readyz', '/metrics']) {
        assert.equal(await page(address, path, shows), 200, path);
      }
      const authorization = `Bearer ${Buffer.from(key).toString('base64url')}`;
      for (const path of ['/internal/double', '/internal/life', '/']) {
        const options = { method: 'POST', headers: { authorization }, ...shows };
        assert.equal(await page(address, path, options), 403, path);
      }
    }
    assert.equal(server.lives, 0);
  });

  test('one that encrypts and one that does not tell each by name what to set', async (t) => {
    const encrypted = await node(t, tlsOf(made.server));
    const plainCaller = caller(t, undefined);
    await assert.rejects(plainCaller.ask(encrypted.address), { code: 'ECONNRESET' });
    await until(() => plainCaller.problems.length > 0, 'found out');
    const { id, message } = plainCaller.problems[0]!;
    assert.equal(id, 'engine-node-tls');
    assert.match(message, /this node does without; .* nodes\.tls\.mode: accept first/);
    await assert.rejects(plainCaller.ask(encrypted.address), { id: 'engine-node-tls' });
    assert.match(
      encrypted.problems[0]!.message,
      /does not encrypt, and this node requires it; .* nodes\.tls\.mode: accept first/,
    );
    assert.equal(encrypted.problems[0]!.id, 'engine-node-caller');

    const plain = await node(t, undefined);
    const secureCaller = caller(t, tlsOf(made.client));
    await assert.rejects(secureCaller.ask(plain.address), {
      id: 'engine-node-tls',
      message: /it answers without encryption, .* nodes\.tls\.mode: accept first/,
    });
    assert.equal(plain.problems[0]!.id, 'engine-node-caller');
    assert.match(
      plain.problems[0]!.message,
      /it encrypts, and this node does not; .* nodes\.tls\.mode: accept first/,
    );
  });

  test('a plain node that hangs up is not suspected of encrypting, and is not greeted by TLS', async (t) => {
    const plain = await node(t, undefined);
    const { connections, problems } = caller(t, undefined);
    const reset = Object.assign(new Error('socket hang up'), { code: 'ECONNRESET' });
    assert.equal(connections.explained(reset, { address: plain.address }), reset);
    // Asked in the meantime whether it answers in plain.
    await until(() => plain.asked.health > 0, 'asked');
    assert.equal(connections.explained(reset, { address: plain.address }), reset);
    assert.deepEqual([problems, plain.problems], [[], []]);
  });

  test('lifelines hold a process that encrypts, and hear of its end', async (t) => {
    const { address, server } = await node(t, tlsOf(made.server));
    const { connections } = caller(t, tlsOf(made.client));
    let deaths = 0;
    const letGo = new NodeLifelines(key, connections).hold({ address }, () => {
      deaths += 1;
    });
    t.after(letGo);
    await until(() => server.lives === 1, 'held');
    await server.close();
    await until(() => deaths === 1, 'told');
  });

  test('renewed certificates count on both sides for connections made from then on', async (t) => {
    const serving = tlsOf(made.server);
    const calling = tlsOf(made.client);
    const { address, port } = await node(t, serving);
    const { ask } = caller(t, calling);
    assert.equal(await ask(address), 8);
    const both = `${made.ca.cert}${other.ca.cert}`;
    const { server, client } = other;
    serving.replace({ ca: both, cert: server.cert, key: server.key });
    const socket = connect({ host: '127.0.0.1', port, rejectUnauthorized: false });
    await once(socket, 'secureConnect');
    assert.equal(socket.getPeerX509Certificate()!.toString(), server.cert);
    socket.destroy();
    // The connection that is kept goes on; a new one would not trust the CA.
    assert.equal(await ask(address), 8);
    await assert.rejects(caller(t, tlsOf(made.client)).ask(address), { id: 'engine-node-tls' });
    calling.replace({ ca: both, cert: client.cert, key: client.key });
    assert.equal(await ask(address), 8);
    serving.replace({ ca: other.ca.cert, cert: server.cert, key: server.key });
    await assert.rejects(
      caller(
        t,
        new LiveConfig<TlsOptions>({
          ...calling.current,
          cert: made.client.cert,
          key: made.client.key,
        }),
      ).ask(address),
      {
        id: 'engine-node-caller',
      },
    );
  });
});
