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

/** A connection to the target; TLS is checked as Node does. */
export function openSocket({ host, port, isSecure }: Target): Socket {
  if (!isSecure) return connect({ host, port });
  // Names only: an address is no name of a server.
  const servername = /^[\d.]+$|:/.test(host) ? '' : host;
  return connectSecurely({ host, port, servername, ALPNProtocols: ['http/1.1'] });
}

/** One connection that carries one request after another. */
export class HttpConnection {
  readonly #socket: Socket;
  readonly #listener: ConnectionListener;
  #isClosed = false;

  constructor(target: Target, listener: ConnectionListener) {
    this.#listener = listener;
    this.#socket = openSocket(target);
    this.#socket.setNoDelay(true);
    const reader = new HttpAnswerReader((answer) => {
      // Told first: with its answer the listener may send the next request.
      if (!answer.keepsAlive) this.#close('the server closed it after an answer', answer);
      else if (!this.#isClosed) listener.onAnswer(answer);
    });
    this.#socket.once(target.isSecure ? 'secureConnect' : 'connect', () => {
      if (!this.#isClosed) listener.onOpen();
    });
    this.#socket.on('data', (bytes) => {
      try {
        reader.read(bytes);
      } catch (error) {
        this.#close((error as Error).message);
      }
    });
    this.#socket.on('end', () => reader.end());
    this.#socket.on('error', (error: NodeJS.ErrnoException) => {
      this.#close(error.code ?? error.message);
    });
    this.#socket.on('close', () => this.#close('the server closed it'));
  }

  send(request: string): void {
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
