import { apiVersionsV3, type Broker, type Connection, metadataV12 } from '@platformatic/kafka';
import { veltrixErrors } from '../../errors.ts';
import { tlsProblem } from '../../tls/tls-problem.ts';
import { firstAnswer } from './first-answer.ts';
import { answered, answerIn, codeName, kafkaCode, reasonOf } from './kafka-codes.ts';
import { type Done, KafkaConnection, type KafkaConnectionOptions } from './kafka-connection.ts';
import { KafkaLeaderWatch } from './kafka-leader-watch.ts';
import { probeAddress, versionsQuestion } from './kafka-probe.ts';
import { fetchApi, produceApi } from './kafka-requests.ts';
import { KafkaSilenceWatch } from './kafka-silence-watch.ts';

export interface KafkaAccess {
  /** `kafka.bootstrap`: `host:port` of some brokers; the others are learnt from them. */
  readonly bootstrap: readonly string[];
  /** Named in the brokers' logs and quotas. Default `veltrix`. */
  readonly clientId?: string;
  /** `kafka.tls`: encrypts. */
  readonly tls?: KafkaConnectionOptions['tls'];
  readonly sasl?: KafkaConnectionOptions['sasl'];
  /** `kafka.requestTimeoutMs`: a broker that has not answered by then is asked anew. Default 3,000. */
  readonly requestTimeoutMs?: number;
}

interface PartitionPlace {
  /** -1 when there is none. */
  readonly leader: number;
  /** Grows with every vote. */
  readonly leaderEpoch: number;
  readonly replicas: number;
  readonly inSync: number;
}

interface TopicPlace {
  readonly topicId: string;
  readonly partitions: readonly PartitionPlace[];
}

export interface ClusterView {
  readonly brokers: ReadonlyMap<number, Broker>;
  /** Topics that are there, by name. */
  readonly topics: ReadonlyMap<string, TopicPlace>;
}

/** The client's own codecs ask nothing of a connection but `send`. */
type Asked = KafkaConnection & Connection;
type Ask<Answer> = (connection: Asked, done: Done<Answer>) => void;

const refreshLeastMs = 50;
/** Whoever has not answered by then may be frozen: another broker is asked, too. */
const anyPatienceMs = 250;
const probeTimeoutMs = 500;
/** A handshake takes longer than an answer. */
const tlsProbeTimeoutMs = 2_000;

/**
 * The brokers of a cluster: who leads what, and connections to each, made when needed. A broker
 * handles the requests of a connection one after another, so what must not wait for something else
 * has a lane, a connection, of its own.
 */
export class KafkaBrokers {
  readonly requestTimeoutMs: number;
  readonly leaders: KafkaLeaderWatch = new KafkaLeaderWatch(this);
  readonly #access: KafkaAccess;
  readonly #topics: readonly string[];
  readonly #connections = new Map<string, Promise<KafkaConnection>>();
  /** With the address of the broker. */
  readonly #open = new Map<KafkaConnection, string>();
  readonly #silence = new KafkaSilenceWatch({
    open: this.#open,
    hasOthers: () => this.#view.brokers.size + this.#gone.size > 1,
    isGone: (address) => this.#gone.has(address),
    refresh: () => this.refresh(),
  });
  /** Addresses of brokers that were there and, for the others, are not any more. */
  readonly #gone = new Set<string>();
  #view: ClusterView = { brokers: new Map(), topics: new Map() };
  /** `host:port` of whose answer counted last when any was asked. */
  #answering: string | undefined;
  #refreshing: Promise<ClusterView> | undefined;
  #refreshedAt = Number.NEGATIVE_INFINITY;
  #closed = false;

  /** @param topics whose places are looked up */
  constructor(access: KafkaAccess, topics: readonly string[]) {
    this.#access = access;
    this.#topics = topics;
    this.requestTimeoutMs = access.requestTimeoutMs ?? 3_000;
  }

  get closed(): boolean {
    return this.#closed;
  }

  /** As of the last refresh. */
  get view(): ClusterView {
    return this.#view;
  }

  leaderOf(topic: string, partition: number): number | undefined {
    const leader = this.#view.topics.get(topic)?.partitions[partition]?.leader;
    return leader === undefined || !this.#view.brokers.has(leader) ? undefined : leader;
  }

  /** Asks a broker that is known, on a lane; rejects with the client's errors, also when it does not answer in time. */
  async ask<Answer>(node: number, lane: string, ask: Ask<Answer>): Promise<Answer> {
    const broker = this.#view.brokers.get(node);
    if (!broker) throw new Error(`broker ${node} is not known`);
    return this.#askAt(broker, lane, ask);
  }

  /**
   * Asks any broker, first who answered last, and last who is silent; several where one is silent, so what is asked
   * must bear repetition.
   */
  async askAny<Answer>(ask: Ask<Answer>): Promise<Answer> {
    const candidates = new Map<string, Broker>();
    for (const broker of [...this.#view.brokers.values(), ...addressesOf(this.#access)]) {
      candidates.set(addressOf(broker), broker);
    }
    const { address, take } = await firstAnswer(
      this.#inOrder([...candidates.keys()]),
      async (address) => {
        const take = await answered(this.#askAt(candidates.get(address)!, 'control', ask));
        return { address, take };
      },
      anyPatienceMs,
      isRefusalOfCredentials,
    );
    this.#answering = address;
    return take();
  }

  /** Who is silent on some connection may be cut off from the others, and answer on another from what it knew. */
  #inOrder(addresses: readonly string[]): readonly string[] {
    const rank = (address: string) =>
      Number(this.#silence.isSilent(address)) * 2 + Number(address !== this.#answering);
    return addresses.toSorted((one, other) => rank(one) - rank(other));
  }

  /** Looks up anew who leads what; many callers share one look-up, and look-ups keep a distance. */
  refresh(): Promise<ClusterView> {
    this.#refreshing ??= this.#lookUp().finally(() => {
      this.#refreshing = undefined;
      this.#refreshedAt = performance.now();
    });
    return this.#refreshing;
  }

  async #lookUp(): Promise<ClusterView> {
    const wait = this.#refreshedAt + refreshLeastMs - performance.now();
    if (wait > 0) await new Promise((resolve) => setTimeout(resolve, wait));
    const answer = await this.askAny<Awaited<ReturnType<typeof metadataV12.api.async>>>(
      (connection, done) => metadataV12.api(connection, [...this.#topics], false, false, done),
    ).catch((error: unknown) => answerIn<Awaited<ReturnType<typeof metadataV12.api.async>>>(error));
    const brokers = new Map(
      answer.brokers.map(({ nodeId, host, port }) => [nodeId, { host, port }]),
    );
    const topics = new Map<string, TopicPlace>();
    for (const { name, topicId, partitions, errorCode } of answer.topics) {
      if (errorCode === kafkaCode.unknownTopicOrPartition) continue;
      if (errorCode !== kafkaCode.none) throw new Error(`topic ${name}: ${codeName(errorCode)}`);
      const places = partitions
        .toSorted((one, other) => one.partitionIndex - other.partitionIndex)
        .map(({ leaderId, leaderEpoch, replicaNodes, isrNodes }) => ({
          ...{ leader: leaderId, leaderEpoch },
          ...{ replicas: replicaNodes.length, inSync: isrNodes.length },
        }));
      const known = this.#view.topics.get(name ?? '');
      const before = known?.topicId === topicId ? known.partitions : [];
      topics.set(name ?? '', { topicId, partitions: newestOf(before, places) });
    }
    for (const broker of this.#view.brokers.values()) this.#gone.add(addressOf(broker));
    for (const broker of brokers.values()) this.#gone.delete(addressOf(broker));
    this.#view = { brokers, topics };
    return this.#view;
  }

  /** Whoever answers must be Kafka, and new enough. Throws coded errors, or the client's when nobody answers. */
  async check(): Promise<void> {
    const { apiKeys } = await this.askAny<Awaited<ReturnType<typeof apiVersionsV3.api.async>>>(
      (connection, done) => apiVersionsV3.api(connection, 'veltrix', '1', done),
    );
    for (const { key, version } of [produceApi, fetchApi]) {
      const found = apiKeys.find(({ apiKey }) => apiKey === key)?.maxVersion ?? -1;
      if (found >= version) continue;
      const details = { bootstrap: this.#access.bootstrap.join(','), api: key, found, version };
      throw veltrixErrors.create('veltrix-kafka-too-old', details);
    }
  }

  close(): void {
    this.#closed = true;
    this.#silence.stop();
    for (const connection of [...this.#open.keys()]) connection.close();
    this.#connections.clear();
  }

  async #askAt<Answer>(broker: Broker, lane: string, ask: Ask<Answer>): Promise<Answer> {
    const connection = await this.#connect(broker, lane);
    return new Promise((resolve, reject) => {
      ask(connection as Asked, (error, answer) => {
        if (error) reject(error);
        else resolve(answer as Answer);
      });
    });
  }

  #connect(broker: Broker, lane: string): Promise<KafkaConnection> {
    if (this.#closed) return Promise.reject(new Error('the log is closed'));
    const { host, port } = broker;
    const address = addressOf(broker);
    const key = `${address}/${lane}`;
    const existing = this.#connections.get(key);
    if (existing) return existing;
    const { clientId = 'veltrix', tls, sasl } = this.#access;
    const connection: KafkaConnection = new KafkaConnection({
      ...{ host, port, clientId },
      // A long poll is answered this much later at most.
      timeoutMs: this.requestTimeoutMs,
      ...(tls && { tls }),
      ...(sasl && { sasl }),
      onClose: () => {
        if (this.#connections.get(key) === connecting) this.#connections.delete(key);
        this.#open.delete(connection);
      },
    });
    this.#open.set(connection, address);
    this.#silence.start();
    const connecting = connection.ready.then(() => connection);
    connecting.catch(() => {});
    this.#connections.set(key, connecting);
    return connecting;
  }
}

/** The error that says why the brokers cannot be reached; undefined when waiting may help. */
export async function refusalOf(error: unknown, access: KafkaAccess): Promise<Error | undefined> {
  const bootstrap = access.bootstrap.join(',');
  if (isRefusalOfCredentials(error)) {
    const details = { bootstrap, reason: reasonOf(error) };
    return veltrixErrors.create('veltrix-kafka-credentials', details, { cause: error });
  }
  // Behind encryption nothing can be told by a plain question.
  if (access.tls) return tlsRefusal(error, access);
  for (const { host, port } of addressesOf(access)) {
    const probed = await probeAddress(host, port, probeTimeoutMs);
    if (probed === 'kafka' || probed === 'silent') continue;
    const refusal = await tlsRefusal(error, access);
    if (refusal) return refusal;
    if (probed !== 'other') continue;
    const details = { bootstrap, reason: `${host}:${port} answers in another protocol` };
    return veltrixErrors.create('veltrix-kafka-not-kafka', details, { cause: error });
  }
  return undefined;
}

function isRefusalOfCredentials(error: unknown): boolean {
  return /SASL|authenti/i.test(reasonOf(error));
}

/** Undefined where encryption is not why. */
async function tlsRefusal(error: unknown, { bootstrap, tls }: KafkaAccess) {
  const problem = await tlsProblem({
    ...{ addresses: bootstrap, tls, scope: 'kafka', plainQuestion: versionsQuestion },
    timeoutMs: tlsProbeTimeoutMs,
  });
  return problem && veltrixErrors.create('veltrix-kafka-tls', { ...problem }, { cause: error });
}

/**
 * Why nobody answers. Who hangs up may be a listener that wants encryption, or a proxy whose brokers are
 * down, for which waiting helps.
 */
export async function silenceOf(error: unknown, access: KafkaAccess): Promise<string> {
  for (const { host, port } of access.tls ? [] : addressesOf(access)) {
    if ((await probeAddress(host, port, probeTimeoutMs)) !== 'closed') continue;
    return `${host}:${port} hangs up on every request`;
  }
  return reasonOf(error);
}

/** A broker that is cut off from the others tells what it knew: of two places that of the later vote is so. */
function newestOf(before: readonly PartitionPlace[], now: readonly PartitionPlace[]) {
  return now.map((place, partition) => {
    const known = before[partition];
    return known && known.leaderEpoch > place.leaderEpoch ? known : place;
  });
}

function addressOf({ host, port }: Broker): string {
  return `${host}:${port}`;
}

function addressesOf({ bootstrap }: KafkaAccess): Broker[] {
  return bootstrap.map((address) => {
    const colon = address.lastIndexOf(':');
    const [host, port] = [address.slice(0, colon), Number(address.slice(colon + 1))];
    if (colon < 1 || !Number.isInteger(port)) throw new RangeError(`bootstrap address ${address}`);
    return { host: host.replace(/^\[(.*)\]$/, '$1'), port };
  });
}
