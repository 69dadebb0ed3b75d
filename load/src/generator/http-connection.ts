import { connect, type Socket } from 'node:net';
import { connect as connectSecurely } from 'node:tls';
import { type HttpAnswer, HttpAnswerReader } from './http-answer.ts';

/** Where load goes. Plain data. */
export interface Target {
  readonly host: string;
  readonly port: number;
  readonly isSecure: boolean;
}

export interface ConnectionListener {
  onOpen(): void;
  onAnswer(answer: HttpAnswer): void;
  /** Once, and nothing after it: it could not be opened, or is open no more. `reason` is for people. */
  onClosed(reason: string): void;
}

/** All connections of a thread read into this one: what came is looked at before the next read begins. */
const readBuffer = Buffer.allocUnsafe(65_536);

/**
 * A connection to the target; TLS is checked as Node does. The bytes of `onBytes` are its own only until
 * it returns: thousands of connections without a buffer each, and none to allocate for an answer.
 */
export function openSocket(
  { host, port, isSecure }: Target,
  onBytes: (bytes: Buffer) => void,
): Socket {
  const callback = (size: number) => {
    onBytes(readBuffer.subarray(0, size));
    return true;
  };
  const onread = { buffer: readBuffer, callback };
  if (!isSecure) return connect({ host, port, onread });
  // Names only: an address is no name of a server.
  const servername = /^[\d.]+$|:/.test(host) ? '' : host;
  // A variable, as the types do not know of `onread` here.
  const options = { host, port, servername, ALPNProtocols: ['http/1.1'], onread };
  return connectSecurely(options);
}

/** One connection that carries one request after another. */
export class HttpConnection {
  readonly #socket: Socket;
  readonly #listener: ConnectionListener;
  #isClosed = false;

  /** @param bodyMost bytes of the body that an answer has */
  constructor(target: Target, listener: ConnectionListener, bodyMost?: number) {
    this.#listener = listener;
    const reader = new HttpAnswerReader((answer) => {
      // Told first: with its answer the listener may send the next request.
      if (!answer.keepsAlive) this.#close('the server closed it after an answer', answer);
      else if (!this.#isClosed) listener.onAnswer(answer);
    }, bodyMost);
    this.#socket = openSocket(target, (bytes) => {
      try {
        reader.read(bytes);
      } catch (error) {
        this.#close((error as Error).message);
      }
    });
    this.#socket.setNoDelay(true);
    this.#socket.once(target.isSecure ? 'secureConnect' : 'connect', () => {
      if (!this.#isClosed) listener.onOpen();
    });
    this.#socket.on('end', () => reader.end());
    this.#socket.on('error', (error: NodeJS.ErrnoException) => {
      this.#close(error.code ?? error.message);
    });
    this.#socket.on('close', () => this.#close('the server closed it'));
  }

  /** Bytes are the socket's until it has sent them. */
  send(request: string | Buffer): void {
    this.#socket.write(request);
  }

  /** Tells nobody. */
  destroy(): void {
    this.#isClosed = true;
    this.#socket.destroy();
  }

  #close(reason: string, lastAnswer?: HttpAnswer): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#socket.destroy();
    if (lastAnswer !== undefined) this.#listener.onAnswer(lastAnswer);
    this.#listener.onClosed(reason);
  }
}
