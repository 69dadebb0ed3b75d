import assert from 'node:assert/strict';
import { createServer as createPlainServer, type Server, type Socket } from 'node:net';
import { after, before, suite, test } from 'node:test';
import { createServer, type TlsOptions as ServerOptions } from 'node:tls';
import { type Certificates, makeCertificates, whyNoCertificates } from '@hunt/services';
import type { TlsOptions } from './tls-options.ts';
import { tlsProblem } from './tls-problem.ts';

const question = { scope: 'kafka', timeoutMs: 20_000, plainQuestion: 'PING\r\n' };

suite('what encryption has to do with a server that cannot be used', {
  skip: whyNoCertificates(),
}, () => {
  let made: Certificates;
  const servers: Server[] = [];
  const sockets = new Set<Socket>();

  async function listening(server: Server): Promise<string> {
    servers.push(server);
    server.on('connection', (socket) => {
      sockets.add(socket);
      socket.on('error', () => {});
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return `127.0.0.1:${(server.address() as { readonly port: number }).port}`;
  }
  const encrypted = (options: ServerOptions = {}): Promise<string> => {
    const { cert, key } = made.server;
    const server = createServer({ cert, key, ...options });
    server.on('tlsClientError', () => {});
    server.on('secureConnection', (socket) => socket.on('error', () => {}));
    return listening(server);
  };
  const asking = () => encrypted({ requestCert: true, ca: made.ca.cert });
  const reasonAt = async (address: string, tls: TlsOptions | undefined) =>
    (await tlsProblem({ ...question, addresses: [address], tls }))?.reason;

  before(() => {
    made = makeCertificates();
  });
  after(async () => {
    for (const socket of sockets) socket.destroy();
    await Promise.all(
      servers.map((server) => new Promise<void>((resolve) => server.close(() => resolve()))),
    );
    made.remove();
  });

  test('nothing, where both sides agree', async () => {
    const { ca, client } = made;
    assert.equal(await reasonAt(await encrypted(), { ca: ca.cert }), undefined);
    const { cert, key } = client;
    assert.equal(await reasonAt(await asking(), { ca: ca.cert, cert, key }), undefined);
  });

  for (const version of ['TLSv1.2', 'TLSv1.3'] as const) {
    test(`${version}: a missing certificate of ours`, async () => {
      const versions = { minVersion: version, maxVersion: version };
      const address = await encrypted({ requestCert: true, ca: made.ca.cert, ...versions });
      const reason = await reasonAt(address, { ca: made.ca.cert });
      assert.match(reason ?? '', /it asks who calls .*kafka\.tls\.cert/);
    });
  }

  test('a certificate of a CA that is not trusted here', async () => {
    const address = await encrypted();
    for (const tls of [{ ca: made.strangeCa.cert }, {}]) {
      assert.match((await reasonAt(address, tls)) ?? '', /signed by nobody .*set kafka\.tls\.ca/);
    }
  });

  test('the environment does not take back that servers are checked', async () => {
    process.env['NODE_TLS_REJECT_UNAUTHORIZED'] = '0';
    try {
      assert.match((await reasonAt(await encrypted(), {})) ?? '', /signed by nobody/);
    } finally {
      delete process.env['NODE_TLS_REJECT_UNAUTHORIZED'];
    }
  });

  test('a certificate for another name', async () => {
    const address = await encrypted();
    const ca = made.ca.cert;
    const other = await reasonAt(address, { ca, serverName: 'brokers.example' });
    assert.match(other ?? '', /not for brokers\.example: .*set kafka\.tls\.serverName/);
    assert.equal(await reasonAt(address, { ca, serverName: 'localhost' }), undefined);
  });

  test('a server that wants encryption where we do not, also if it asks who calls', async () => {
    for (const address of [await encrypted(), await asking()]) {
      assert.match(
        (await reasonAt(address, undefined)) ?? '',
        /wants encryption; set kafka\.tls\./,
      );
    }
  });

  test('a server that does not encrypt where we do; where we do not either nothing is said', async () => {
    const address = await listening(
      createPlainServer((socket) => socket.once('data', () => socket.end('-ERR what?\r\n'))),
    );
    assert.match((await reasonAt(address, {})) ?? '', /it answers without encryption/);
    assert.equal(await reasonAt(address, undefined), undefined);
  });

  test('a server that waits for the rest of what it takes for a request, and one that hangs up', async () => {
    for (const unusual of [() => {}, (socket: Socket) => socket.destroy()]) {
      const address = await listening(
        createPlainServer((socket) =>
          socket.on('data', (bytes) =>
            bytes.toString() === question.plainQuestion ? socket.write('+PONG') : unusual(socket),
          ),
        ),
      );
      const problem = await tlsProblem({
        ...question,
        addresses: [address],
        tls: {},
        timeoutMs: 500,
      });
      assert.match(problem?.reason ?? '', /it answers without encryption/);
    }
  });

  test('nobody there, and who hangs up, say nothing', async () => {
    const address = await listening(createPlainServer((socket) => socket.destroy()));
    for (const tls of [undefined, {}]) {
      assert.equal(await reasonAt(address, tls), undefined);
      assert.equal(await reasonAt('127.0.0.1:1', tls), undefined);
    }
  });

  test('one server that would do is enough', async () => {
    const addresses = [await encrypted(), await asking()];
    const tls = { ca: made.ca.cert };
    assert.equal(await tlsProblem({ ...question, addresses, tls }), undefined);
    const problem = await tlsProblem({ ...question, addresses, tls: undefined });
    assert.equal(problem?.address, addresses[0]);
  });
});
