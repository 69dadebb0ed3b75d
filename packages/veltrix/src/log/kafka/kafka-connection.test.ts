import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type Socket } from 'node:net';
import { suite, type TestContext, test } from 'node:test';
import { FrameSplitter } from './frame-splitter.ts';
import { KafkaConnection } from './kafka-connection.ts';

interface Asked {
  readonly key: number;
  readonly correlation: number;
  /** Behind the header. */
  readonly payload: Buffer;
}

const client = 'me';
/** Length of text, tags. */
const headerBytes = 8 + 2 + client.length + 1;

/** A broker that does with each question what the test says. */
async function broker(t: TestContext, asked: (question: Asked, socket: Socket) => void) {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    const splitter = new FrameSplitter((frame) => {
      const question = {
        ...{ key: frame.readInt16BE(0), correlation: frame.readInt32BE(4) },
        payload: Buffer.from(frame.subarray(headerBytes)),
      };
      asked(question, socket);
    });
    socket.on('error', () => {}).on('data', (bytes: Buffer) => splitter.add(bytes));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  const { port } = server.address() as { port: number };
  let closed = 0;
  const connection = new KafkaConnection({
    ...{ host: '127.0.0.1', port, clientId: client, timeoutMs: 300 },
    onClose: () => {
      closed += 1;
    },
  });
  t.after(() => connection.close());
  const ask = (value: number, body?: Buffer) =>
    new Promise<string>((resolve, reject) => {
      const question = {
        kind: { key: 1, version: 13 },
        write: (into: { int32(value: number): unknown }) => into.int32(value),
        ...(body ? { body: [body] } : {}),
        parse: (bytes: Buffer) => bytes.toString(),
      };
      connection.exchange<string>(question, (error, answer) => {
        if (error) reject(error);
        else resolve(answer!);
      });
    });
  return { connection, ask, closed: () => closed };
}

function answer({ correlation }: Asked, text: string): Buffer {
  const frame = Buffer.alloc(9 + Buffer.byteLength(text));
  frame.writeInt32BE(frame.length - 4, 0);
  frame.writeInt32BE(correlation, 4);
  frame.write(text, 9);
  return frame;
}

suite('a connection to a broker', () => {
  test('answers go to who asked, in any order, also in parts and several at once', async (t) => {
    const waiting: [Asked, Socket][] = [];
    const { connection, ask } = await broker(t, (question, socket) => {
      waiting.push([question, socket]);
      if (waiting.length < 3) return;
      const answers = waiting.map(([one]) => {
        return answer(one, `${one.payload.readInt32BE(0)}: ${one.payload.length} bytes`);
      });
      const all = Buffer.concat(answers.reverse());
      socket.write(all.subarray(0, 7));
      setImmediate(() => socket.write(all.subarray(7)));
    });
    await connection.ready;
    const large = Buffer.alloc(300_000, 1);
    const answers = await Promise.all([ask(1), ask(2, large), ask(3)]);
    assert.deepEqual(answers, ['1: 4 bytes', '2: 300004 bytes', '3: 4 bytes']);
  });

  test('without an answer in time all who wait are told, and the connection is over', async (t) => {
    const { connection, ask, closed } = await broker(t, () => {});
    await connection.ready;
    const told = await Promise.allSettled([ask(1), ask(2)]);
    assert.deepEqual(
      told.map((one) => one.status === 'rejected' && one.reason.message),
      ['no answer within 300 ms', 'no answer within 300 ms'],
    );
    await assert.rejects(ask(3), /no answer within/);
    assert.equal(closed(), 1);
  });

  test('whoever hangs up, answers what nobody asked, or speaks otherwise ends it', async (t) => {
    const ends: readonly ((question: Asked, socket: Socket) => void)[] = [
      (_, socket) => socket.destroy(),
      (question, socket) => socket.write(answer({ ...question, correlation: 99 }, '')),
      (_, socket) => socket.write('HTTP/1.1 400 Bad Request\r\n\r\n'),
    ];
    const reasons = [/closed the connection|ECONNRESET/, /nobody asked/, /bytes was announced/];
    for (const [index, end] of ends.entries()) {
      const { connection, ask, closed } = await broker(t, end);
      await connection.ready;
      await assert.rejects(ask(1), reasons[index]!);
      assert.equal(closed(), 1);
    }
  });

  test('an answer that cannot be read fails its question alone', async (t) => {
    const { connection } = await broker(t, (question, socket) => {
      socket.write(answer(question, 'fine'));
    });
    await connection.ready;
    const ask = (parse: (bytes: Buffer) => string) =>
      new Promise((resolve) => {
        const question = { kind: { key: 1, version: 13 }, write: () => {}, parse };
        connection.exchange<string>(question, (error, text) => resolve(error?.message ?? text));
      });
    const refuse = () => {
      throw new Error('not fine');
    };
    assert.deepEqual(await Promise.all([ask(refuse), ask(String)]), ['not fine', 'fine']);
  });
});
