import { connect as connectPlain, type OnReadOpts, type Socket } from 'node:net';
import { type ConnectionOptions, connect as connectTls } from 'node:tls';
import {
  type Connection,
  Reader,
  saslAuthenticateV2,
  saslHandshakeV1,
  saslPlain,
  saslScramSha,
  type Writer,
} from '@platformatic/kafka';
import { type TlsOptions, tlsConnectionOptions } from '../../tls/tls-options.ts';
import { ByteWriter } from './byte-writer.ts';
import { FrameSplitter } from './frame-splitter.ts';
import { reasonOf } from './kafka-codes.ts';

export interface SaslCredentials {
  readonly mechanism: 'PLAIN' | 'SCRAM-SHA-256' | 'SCRAM-SHA-512';
  readonly username: string;
  readonly password: string;
}

export interface KafkaConnectionOptions {
  readonly host: string;
  readonly port: number;
  readonly clientId: string;
  /** What has no answer by then ends the connection; also of connecting. */
  readonly timeoutMs: number;
  readonly tls?: TlsOptions;
  readonly sasl?: SaslCredentials;
  /** Called once; nothing is answered any more. */
  readonly onClose: () => void;
}

interface RequestKind {
  readonly key: number;
  readonly version: number;
}

export interface Question<Answer> {
  readonly kind: RequestKind;
  readonly write: (into: ByteWriter) => void;
  /** Comes after what is written; must not change until the answer. */
  readonly body?: readonly Buffer[];
  readonly parse: (bytes: Buffer) => Answer;
}

export type Done<Answer> = (error: Error | null, answer?: Answer) => void;

interface Awaited {
  readonly deadline: number;
  /** Bytes behind the correlation id, borrowed. */
  readonly take: (bytes: Buffer) => void;
  readonly fail: (error: Error) => void;
}

const readBytes = 64 << 10;

/**
 * A connection to a broker that leaves no garbage behind on the hot path: a question is written from
 * where it lies, an answer is read where it arrives. With the client's own connection each record is
 * copied into three fresh buffers, and the collector, not the broker, sets how long the slowest wait.
 *
 * The client's codecs work on it, too (`send`): they ask nothing else of a connection.
 */
export class KafkaConnection {
  readonly #options: KafkaConnectionOptions;
  readonly #head = new ByteWriter();
  readonly #splitter = new FrameSplitter((frame) => this.#answered(frame));
  /** By correlation id, oldest first. */
  readonly #awaited = new Map<number, Awaited>();
  readonly #overdue: NodeJS.Timeout;
  /** When this connection was begun; undefined once it is there. */
  #begunAt: number | undefined = performance.now();
  #session: NodeJS.Timeout | undefined;
  #socket: Socket | undefined;
  #correlation = 0;
  #closed: Error | undefined;

  /** Resolves when questions may be asked; rejects with why not, of credentials that are refused with "SASL" in it. */
  readonly ready: Promise<void>;

  constructor(options: KafkaConnectionOptions) {
    this.#options = options;
    const every = Math.max(10, Math.floor(options.timeoutMs / 8));
    this.#overdue = setInterval(() => this.#checkOverdue(), every);
    this.ready = this.#begin();
    this.ready.catch(() => {});
  }

  async #begin(): Promise<void> {
    const { sasl } = this.#options;
    try {
      await this.#connect();
      if (sasl) await this.#authenticate(sasl);
      this.#begunAt = undefined;
    } catch (error) {
      this.#close(error as Error);
      throw this.#closed;
    }
  }

  #connect(): Promise<void> {
    const { host, port, tls, timeoutMs } = this.#options;
    const buffer = Buffer.allocUnsafeSlow(readBytes);
    const onread: OnReadOpts = {
      buffer,
      callback: (size) => this.#read(buffer.subarray(0, size)),
    };
    return new Promise((resolve, reject) => {
      const place = { host, port, onread };
      const socket = tls
        ? connectTls({ ...tlsConnectionOptions(tls, host), ...place } as ConnectionOptions)
        : connectPlain(place);
      this.#socket = socket;
      socket.setNoDelay(true);
      const tooLong = setTimeout(
        () => this.#close(new Error(`no connection within ${timeoutMs} ms`)),
        timeoutMs,
      );
      socket.once(tls ? 'secureConnect' : 'connect', () => {
        clearTimeout(tooLong);
        resolve();
      });
      socket.once('error', (error) => this.#close(error));
      socket.once('close', () => {
        clearTimeout(tooLong);
        this.#close(new Error('the broker closed the connection'));
        reject(this.#closed!);
      });
    });
  }

  async #authenticate({ mechanism, username, password }: SaslCredentials): Promise<void> {
    const asClient = this as unknown as Connection;
    try {
      await saslHandshakeV1.api.async(asClient, mechanism);
      const authenticate = saslAuthenticateV2.api;
      const { sessionLifetimeMs } =
        mechanism === 'PLAIN'
          ? await saslPlain.authenticate(authenticate, asClient, username, password)
          : await saslScramSha.authenticate(
              authenticate,
              asClient,
              mechanism === 'SCRAM-SHA-256' ? 'SHA-256' : 'SHA-512',
              username,
              password,
            );
      if (sessionLifetimeMs === 0n) return;
      // Another connection takes its place; who waits for an answer asks again.
      const ends = () => this.#close(new Error('the time of the session is over'));
      this.#session = setTimeout(ends, Number(sessionLifetimeMs) * 0.8);
    } catch (error) {
      throw new Error(`SASL authentication: ${reasonOf(error)}`, { cause: error });
    }
  }

  /**
   * Asks what `write` writes, and behind it `body`. `parse` gets the answer behind its header,
   * borrowed for the call.
   */
  exchange<Answer>(question: Question<Answer>, done: Done<Answer>): void {
    const { parse } = question;
    // Behind the correlation id of an answer is an empty list of tagged fields.
    this.#ask({ ...question, hasTags: true, parse: (bytes) => parse(bytes.subarray(1)) }, done);
  }

  /** How the client's codecs ask. */
  send<Answer>(
    key: number,
    version: number,
    payload: () => Writer,
    parser: (correlation: number, key: number, version: number, reader: Reader) => Answer,
    hasTags: boolean,
    isAnsweredWithTags: boolean,
    done: Done<Answer>,
  ): void {
    const parse = (bytes: Buffer) => {
      // Answers of the client keep views of the bytes.
      const kept = Buffer.from(bytes.subarray(isAnsweredWithTags ? 1 : 0));
      return parser(0, key, version, Reader.from(kept));
    };
    const { buffer } = payload();
    const write = (into: ByteWriter) => into.raw(buffer);
    this.#ask({ kind: { key, version }, write, hasTags, parse }, done);
  }

  #ask<Answer>(
    { kind, write, body = [], hasTags, parse }: Question<Answer> & { readonly hasTags: boolean },
    done: Done<Answer>,
  ): void {
    if (this.#closed) {
      setImmediate(done, this.#closed);
      return;
    }
    const correlation = (this.#correlation + 1) & 0x7fffffff;
    this.#correlation = correlation;
    this.#awaited.set(correlation, {
      deadline: performance.now() + this.#options.timeoutMs,
      take: (bytes) => {
        let answer: Answer;
        try {
          answer = parse(bytes);
        } catch (error) {
          done(error as Error);
          return;
        }
        done(null, answer);
      },
      fail: done,
    });
    const head = this.#head.clear().int32(0).int16(kind.key).int16(kind.version).int32(correlation);
    head.text(this.#options.clientId);
    if (hasTags) head.tags();
    write(head);
    // A copy: the socket may not have taken it when the next question is put together.
    const bytes = Buffer.from(head.bytes);
    bytes.writeInt32BE(
      body.reduce((sum, { length }) => sum + length, bytes.length - 4),
      0,
    );
    const socket = this.#socket!;
    socket.cork();
    socket.write(bytes);
    for (const part of body) socket.write(part);
    socket.uncork();
  }

  /** Returns whether there may come more. */
  #read(bytes: Buffer): boolean {
    if (this.#closed) return false;
    try {
      this.#splitter.add(bytes);
    } catch (error) {
      this.#close(error as Error);
    }
    return true;
  }

  #answered(frame: Buffer): void {
    const correlation = frame.readInt32BE(0);
    const awaited = this.#awaited.get(correlation);
    if (!awaited) throw new Error(`nobody asked what is answered as ${correlation}`);
    this.#awaited.delete(correlation);
    awaited.take(frame.subarray(4));
  }

  #checkOverdue(): void {
    const [oldest] = this.#awaited.values();
    if (!oldest || performance.now() < oldest.deadline) return;
    this.#close(new Error(`no answer within ${this.#options.timeoutMs} ms`));
  }

  /** Since when somebody waits for it, in milliseconds of `performance.now()`; undefined while nobody does. */
  get awaitedSince(): number | undefined {
    if (this.#begunAt !== undefined) return this.#begunAt;
    const [oldest] = this.#awaited.values();
    return oldest && oldest.deadline - this.#options.timeoutMs;
  }

  /** At once: what is under way is not waited for, and fails with this reason. */
  close(reason: Error = new Error('the log is closed')): void {
    this.#close(reason);
  }

  #close(error: Error): void {
    if (this.#closed) return;
    this.#closed = error;
    clearInterval(this.#overdue);
    clearTimeout(this.#session);
    this.#socket?.destroy();
    const awaited = [...this.#awaited.values()];
    this.#awaited.clear();
    this.#options.onClose();
    for (const { fail } of awaited) fail(error);
  }
}
