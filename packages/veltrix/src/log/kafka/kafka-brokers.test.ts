import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type Socket } from 'node:net';
import { suite, type TestContext, test } from 'node:test';
import { metadataV12, saslHandshakeV1, Writer } from '@platformatic/kafka';
import { FrameSplitter } from './frame-splitter.ts';
import { until } from './kafka-appending.contract.ts';
import { KafkaBrokers } from './kafka-brokers.ts';
import { kafkaCode } from './kafka-codes.ts';
import type { SaslCredentials } from './kafka-connection.ts';

const host = '127.0.0.1';
const requestTimeoutMs = 800;

/** A broker that answers who is there and who leads, unless it is frozen; it refuses all credentials. */
class FakeBroker {
  asked = 0;
  isFrozen = false;
  readonly #sockets = new Set<Socket>();
  readonly #unanswered: (() => void)[] = [];
  readonly #server = createServer((socket) => {
    this.#sockets.add(socket);
    const splitter = new FrameSplitter((frame) => {
      this.asked += 1;
      const correlation = frame.readInt32BE(4);
      const answerOf = frame.readInt16BE(0) === saslHandshakeV1.api.key ? refusal : metadata;
      const answer = () => socket.write(answerOf(correlation, this));
      if (this.isFrozen) this.#unanswered.push(answer);
      else answer();
    });
    socket.on('error', () => {}).on('data', (bytes: Buffer) => splitter.add(bytes));
  });
  /** Who is there, as it says; numbered from 0. */
  brokers: readonly FakeBroker[] = [];
  /** Of the one partition of `hunt.events`, as it says. */
  leads = { topicId: '01'.repeat(16), leader: 0, leaderEpoch: 1 };

  port = 0;

  async listen(): Promise<void> {
    await once(this.#server.listen(0, host), 'listening');
    this.port = (this.#server.address() as { port: number }).port;
  }

  thaw(): void {
    this.isFrozen = false;
    for (const answer of this.#unanswered.splice(0)) answer();
  }

  close(): void {
    for (const socket of this.#sockets) socket.destroy();
    this.#server.close();
  }
}

/** An answer in which one of the topics is not there, for which the client throws. */
function metadata(correlation: number, { brokers, leads }: FakeBroker): Buffer {
  const { topicId, leader, leaderEpoch } = leads;
  const missing = kafkaCode.unknownTopicOrPartition;
  const topics = [
    { code: missing, name: 'hunt.migration', topicId: null, partitions: 0 },
    { code: kafkaCode.none, name: 'hunt.events', topicId, partitions: 1 },
  ];
  const body = Writer.create()
    .appendInt32(correlation)
    .appendTaggedFields()
    .appendInt32(0)
    .appendArray([...brokers.entries()], (into, [node, { port }]) =>
      into.appendInt32(node).appendString(host).appendInt32(port).appendString(null),
    )
    .appendString(null)
    .appendInt32(0)
    .appendArray(topics, (into, { code, name, topicId, partitions }) =>
      into
        .appendInt16(code)
        .appendString(name)
        .appendUUID(topicId)
        .appendBoolean(false)
        .appendArray([...Array(partitions).keys()], (into, partition) =>
          into
            .appendInt16(kafkaCode.none)
            .appendInt32(partition)
            .appendInt32(leader)
            .appendInt32(leaderEpoch)
            .appendArray([0, 1], appendNode, true, false)
            .appendArray([0, 1], appendNode, true, false)
            .appendArray([], appendNode, true, false),
        )
        .appendInt32(0),
    )
    .appendTaggedFields();
  return Buffer.from(body.prependLength().buffer);
}

/** No mechanism is supported. */
function refusal(correlation: number): Buffer {
  const body = Writer.create().appendInt32(correlation).appendInt16(33).appendInt32(0);
  return Buffer.from(body.prependLength().buffer);
}

function appendNode(into: Writer, node: number): void {
  into.appendInt32(node);
}

async function twoBrokers(t: TestContext, sasl?: SaslCredentials) {
  const [one, other] = [new FakeBroker(), new FakeBroker()];
  for (const broker of [one, other]) {
    broker.brokers = [one, other];
    await broker.listen();
    t.after(() => broker.close());
  }
  const bootstrap = [`${host}:${one.port}`, `${host}:${other.port}`];
  const access = { bootstrap, requestTimeoutMs, ...(sasl && { sasl }) };
  const brokers = new KafkaBrokers(access, ['hunt.migration', 'hunt.events']);
  t.after(() => brokers.close());
  return { brokers, one, other };
}

suite('asking any broker', () => {
  test('one that froze is asked once, also where answers have an error in them', async (t) => {
    const { brokers, one, other } = await twoBrokers(t);
    await brokers.refresh();
    assert.deepEqual([one.asked, other.asked], [1, 0]);
    one.isFrozen = true;
    for (let count = 0; count < 3; count++) await brokers.refresh();
    assert.equal(one.asked, 1 + 1);
    assert.ok(other.asked >= 3);
  });

  test('one that is silent on another connection is asked last', async (t) => {
    const { brokers, one, other } = await twoBrokers(t);
    await brokers.refresh();
    one.isFrozen = true;
    const held = brokers.ask(0, 'fetch', (connection, done) =>
      metadataV12.api(connection, [], false, false, done),
    );
    held.catch(() => {});
    await until(() => one.asked === 2, 'its question arrives');
    // It answers on other connections.
    one.isFrozen = false;
    await until(() => one.asked + other.asked > 2, 'who is there is looked up');
    assert.deepEqual([one.asked, other.asked], [2, 1]);
  });

  test('about one that is silent others are asked while there are, or were, any', async (t) => {
    const { brokers, one, other } = await twoBrokers(t);
    for (const [known, looks] of [
      [[one], 0],
      [[one, other], 1],
      [[one], 1],
    ] as const) {
      for (const broker of [one, other]) broker.brokers = known;
      await brokers.refresh();
      const before = other.asked;
      one.isFrozen = true;
      const held = brokers.ask(0, 'fetch', (connection, done) =>
        metadataV12.api(connection, [], false, false, done),
      );
      await assert.rejects(held, /no answer within/);
      one.isFrozen = false;
      assert.equal(Number(other.asked > before), looks);
    }
  });

  test('of brokers that all fail, the one that refuses the credentials is told', async (t) => {
    const sasl = { mechanism: 'PLAIN', username: 'hunt', password: 'wrong' } as const;
    for (const dead of ['one', 'other'] as const) {
      const fakes = await twoBrokers(t, sasl);
      fakes[dead].close();
      await assert.rejects(fakes.brokers.refresh(), /SASL authentication: .*mechanism/);
    }
  });

  test('one whose answer came too late is not asked first for it', async (t) => {
    const { brokers, one, other } = await twoBrokers(t);
    one.isFrozen = true;
    await brokers.refresh();
    assert.deepEqual([one.asked, other.asked], [1, 1]);
    one.thaw();
    // Answered on the same connection, after what came too late.
    await brokers
      .ask(0, 'control', (connection, done) => metadataV12.api(connection, [], false, false, done))
      .catch(() => {});
    await brokers.refresh();
    assert.deepEqual([one.asked, other.asked], [2, 2]);
  });
});

test('who leads does not go back to an earlier vote, unless the topic is another', async (t) => {
  const { brokers, one } = await twoBrokers(t);
  const told: (number | undefined)[] = [];
  const again = '02'.repeat(16);
  for (const leads of [
    { ...one.leads, leader: 1, leaderEpoch: 5 },
    { ...one.leads, leader: 0, leaderEpoch: 4 },
    { ...one.leads, leader: -1, leaderEpoch: 5 },
    { ...one.leads, leader: 0, leaderEpoch: 6 },
    { topicId: again, leader: 1, leaderEpoch: 0 },
  ]) {
    one.leads = leads;
    await brokers.refresh();
    told.push(brokers.leaderOf('hunt.events', 0));
  }
  assert.deepEqual(told, [1, 1, undefined, 0, 1]);
});
