import zookeeper, { type Client } from 'node-zookeeper-client';
import type { Clock } from '../../clock.ts';
import { veltrixErrors } from '../../errors.ts';
import { type TlsOptions, tlsProblem } from '../../tls/index.ts';
import type { SessionState } from '../coordinator.ts';
import { encrypt } from './zookeeper-encryption.ts';

export interface ZooKeeperConnectionOptions {
  /** `host:port`, or several with commas between them. */
  readonly connect: string;
  /** How long the service waits for a silent node; it grants 2 to 20 of its ticks. */
  readonly sessionTimeoutMs: number;
  /** `user:password`, for places that are not open to everybody. */
  readonly credentials: string | undefined;
  readonly tls: TlsOptions | undefined;
  readonly clock: Clock;
  readonly changed: (state: SessionState) => void;
}

/** Longest pause between tries to connect. */
const connectPauseMs = 300;
/** States of the client's connection manager. */
const isConnecting = 1;
/** What a server answers to a request of somebody who has not said who he is, where it wants to know. */
const unauthenticatedCode = -124;
/** Where the code stands in an answer: behind its length, the request's number, and the state's. */
const codeOffset = 16;
/** Its number is below 0 for what nobody asked: pings, watches. */
const requestOffset = 4;
const tlsProbeTimeoutMs = 1_000;
/** Answered also where it is not allowed. */
const plainQuestion = 'ruok';
/** Sizes of the greeting of a ZooKeeper server: without and with the read-only flag. */
const greetingBytes = new Set([36, 37]);

/**
 * One session after another with a ZooKeeper service. Around a client that has to be mended in places:
 *
 * - it never finds out that a connection is silent: here one is dropped after two thirds of a session;
 * - it waits for ever for a server that accepts and does not greet: here a third of a session;
 * - it keeps half an answer of a lost connection and takes it for the start of the next one;
 * - an error code or an answer it does not know throws in the socket's event: the connection is dropped instead;
 * - after an expired session it is of no more use, and a server that lost its data refuses it for ever: a new
 *   client is made when the session has ended by the server's word, or when nothing was heard for its time.
 *
 * Silence is measured by the monotonic clock, so that a process that was frozen notices when it wakes.
 */
export class ZooKeeperConnection {
  readonly #options: ZooKeeperConnectionOptions;
  #client: Client;
  #isConnected = false;
  #hasSession = false;
  #isClosed = false;
  #heardAt = performance.now();
  #triedAt = performance.now();
  #problem: Error | undefined;
  /** Outlives the connection, which begins again as if nothing were wrong. */
  #refusal: Error | undefined;
  #isAsking = false;
  #cancelWatchdog: () => void = () => {};

  constructor(options: ZooKeeperConnectionOptions) {
    this.#options = options;
    this.#client = this.#begin();
    this.#watch();
  }

  /** Undefined while there is no connection to send anything over. */
  get client(): Client | undefined {
    return this.#isConnected ? this.#client : undefined;
  }

  /** What is wrong with what answers there, where that is known. */
  get problem(): Error | undefined {
    return this.#refusal ?? this.#problem;
  }

  /** Ends the session at the service too if it can be told within `timeoutMs`. */
  close(timeoutMs: number, done: () => void): void {
    this.#cancelWatchdog();
    this.#isClosed = true;
    const client = this.#client;
    const { clock } = this.#options;
    let isDone = false;
    const finish = () => {
      if (isDone) return;
      isDone = true;
      cancel();
      discard(client);
      done();
    };
    const cancel = clock.after(this.#isConnected ? timeoutMs : 0, finish);
    if (!this.#isConnected) return;
    this.#isConnected = false;
    client.removeAllListeners();
    client.connectionManager.socket?.once('close', finish);
    client.close();
  }

  #begin(): Client {
    const { connect, sessionTimeoutMs, credentials, tls } = this.#options;
    const client = zookeeper.createClient(connect, {
      sessionTimeout: sessionTimeoutMs,
      spinDelay: connectPauseMs,
      retries: 0,
    });
    if (credentials !== undefined) client.addAuthInfo('digest', Buffer.from(credentials));
    client.on('connected', () => this.#connected());
    client.on('disconnected', () => this.#disconnected());
    client.on('expired', () => this.#expired());
    client.on('authenticationFailed', () => {
      this.#problem = veltrixErrors.create('veltrix-coordination-refused', { place: connect });
    });
    this.#mend(client);
    if (tls) encrypt(client, tls);
    this.#triedAt = performance.now();
    client.connect();
    return client;
  }

  #mend(client: Client): void {
    const manager = client.connectionManager;
    const handle = manager.onSocketData;
    let triedSocket: unknown;
    const closed = manager.onSocketClosed;
    manager.onSocketClosed = () => {
      if (!this.#hasSession && !this.#isClosed) void this.#askWhy();
      closed.call(manager);
    };
    manager.onSocketData = (bytes) => {
      const now = performance.now();
      const size = bytes.length >= 4 && manager.pendingBuffer === null ? bytes.readInt32BE(0) : 36;
      if (manager.state === isConnecting && manager.socket !== triedSocket) {
        triedSocket = manager.socket;
        if (!greetingBytes.has(size)) return this.#refuse(client, bytes);
      }
      this.#heardAt = now;
      if (this.#isConnected && bytes.length >= codeOffset + 4) this.#readCode(bytes);
      try {
        handle.call(manager, bytes);
      } catch {
        manager.socket?.destroy();
      }
    };
  }

  /** The client does not know this code; the server hangs up behind it. */
  #readCode(bytes: Buffer): void {
    if (bytes.readInt32BE(codeOffset) === unauthenticatedCode) {
      const { connect } = this.#options;
      this.#refusal = veltrixErrors.create('veltrix-coordination-refused', { place: connect });
    } else if (bytes.readInt32BE(requestOffset) >= 0) this.#refusal = undefined;
  }

  /** Whether encryption is why there is no session. */
  async #askWhy(): Promise<void> {
    if (this.#isAsking) return;
    this.#isAsking = true;
    const { connect, tls } = this.#options;
    const problem = await tlsProblem({
      ...{ addresses: connect.split(','), tls, scope: 'zookeeper', plainQuestion },
      timeoutMs: tlsProbeTimeoutMs,
    });
    this.#isAsking = false;
    if (!problem || this.#isConnected) return;
    this.#problem = veltrixErrors.create('veltrix-coordination-tls', { ...problem });
  }

  #refuse(client: Client, bytes: Buffer): void {
    const begin = bytes
      .subarray(0, 20)
      .toString('latin1')
      .replace(/[^ -~]/g, '.');
    this.#problem = veltrixErrors.create('veltrix-coordination-not-zookeeper', {
      address: this.#options.connect,
      reason: `it began with "${begin}"`,
    });
    client.connectionManager.socket?.destroy();
  }

  #connected(): void {
    this.#isConnected = true;
    this.#hasSession = true;
    this.#problem = undefined;
    this.#options.changed('connected');
  }

  #disconnected(): void {
    this.#client.connectionManager.pendingBuffer = null;
    this.#triedAt = performance.now();
    if (!this.#isConnected) return;
    this.#isConnected = false;
    this.#options.changed('disconnected');
  }

  /** Also when the service never said so: see the class. */
  #expired(): void {
    discard(this.#client);
    this.#isConnected = false;
    this.#hasSession = false;
    this.#heardAt = performance.now();
    this.#options.changed('expired');
    if (!this.#isClosed) this.#client = this.#begin();
  }

  #watch(): void {
    const { clock, sessionTimeoutMs } = this.#options;
    const now = performance.now();
    const silentMs = now - this.#heardAt;
    const { connectionManager } = this.#client;
    if (this.#hasSession && silentMs > sessionTimeoutMs) this.#expired();
    else if (this.#isConnected && silentMs > (sessionTimeoutMs * 2) / 3) {
      connectionManager.socket?.destroy();
    } else if (!this.#isConnected && now - this.#triedAt > sessionTimeoutMs / 3) {
      this.#triedAt = now;
      connectionManager.socket?.destroy();
    }
    this.#cancelWatchdog = clock.after(Math.ceil(sessionTimeoutMs / 12), () => this.#watch());
  }
}

/** Stops a client for good, whatever it is doing. */
function discard(client: Client): void {
  const manager = client.connectionManager;
  client.removeAllListeners();
  manager.connect = () => {};
  manager.findNextServer = () => {};
  manager.onSocketData = () => {};
  if (manager.connectTimeoutHandler) clearTimeout(manager.connectTimeoutHandler);
  manager.socket?.destroy();
}
