import net from 'node:net';
import { slug } from '../crowd/bench-hunt.ts';
import type { NumberedRequest } from './request.ts';
import { ServerFrame } from './server-frame.ts';

const readBytes = 262_144;
const headEnd = Buffer.from('\r\n\r\n');

/** `{"id":"k000000000001",` stands before what tells a result from a refusal: `"commandId"` or `"code"`. */
const memberAt = 25;
const letterE = 0x65;
const letterI = 0x69;
const letterD = 0x64;
/** Of the read that is looked at. */
const frame = new ServerFrame();

export interface SocketListener {
  /** So many answers came in one read; `refused` of them are no outcome. */
  onAnswers(connection: SocketConnection, answers: number, refused: number): void;
  onLost(error: Error | undefined): void;
}

/**
 * A WebSocket that writes ready-made frames and counts answers. Live events, which begin with
 * `{"event"`, come in between and are passed over, as is all that is not text.
 */
export class SocketConnection {
  /** Rejects when the server refuses. */
  readonly opened: Promise<void>;
  /** Events pushed to this connection. */
  events = 0;
  readonly #socket: net.Socket;
  readonly #listener: SocketListener;
  #isOpen = false;
  #isClosed = false;
  #rest: Buffer = Buffer.alloc(0);
  readonly #opening: PromiseWithResolvers<void> = Promise.withResolvers();

  constructor(port: number, token: string, listener: SocketListener) {
    this.#listener = listener;
    const buffer = Buffer.allocUnsafe(readBytes);
    const callback = (size: number) => {
      this.#received(buffer.subarray(0, size));
      return true;
    };
    this.#socket = net.connect({ host: '127.0.0.1', port, onread: { buffer, callback } });
    this.#socket.setNoDelay(true);
    this.opened = this.#opening.promise;
    this.#socket.on('error', (error) => this.#lost(error));
    this.#socket.on('close', () => this.#lost(undefined));
    this.#socket.write(
      [
        `GET /v1/hunts/${slug}/live?token=${token} HTTP/1.1`,
        'Host: 127.0.0.1',
        'Connection: Upgrade',
        'Upgrade: websocket',
        'Sec-WebSocket-Version: 13',
        'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
        '',
        '',
      ].join('\r\n'),
    );
  }

  /** Sends several frames with one write. */
  send(frames: readonly NumberedRequest[], count: number, first: number): void {
    const parts: Buffer[] = [];
    for (let number = first; number < first + count; number++) {
      parts.push(Buffer.from(frames[number % frames.length]!.numbered(number)));
    }
    this.#socket.write(Buffer.concat(parts));
  }

  close(): void {
    this.#isClosed = true;
    this.#socket.destroy();
  }

  #lost(error: Error | undefined): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    if (this.#isOpen) this.#listener.onLost(error);
    else this.#opening.reject(error ?? new Error('the server closed a new connection'));
  }

  #received(chunk: Buffer): void {
    let bytes = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk]);
    if (!this.#isOpen) {
      const end = bytes.indexOf(headEnd);
      if (end >= 0) {
        if (!bytes.toString('latin1', 0, 12).endsWith(' 101')) {
          this.#lost(new Error(bytes.toString('latin1', 0, end)));
          return;
        }
        this.#isOpen = true;
        this.#opening.resolve();
        bytes = bytes.subarray(end + headEnd.length);
      }
    }
    const read = this.#isOpen ? this.#frames(bytes) : 0;
    this.#rest = read === bytes.length ? Buffer.alloc(0) : Buffer.from(bytes.subarray(read));
  }

  /** Returns how many bytes whole frames took. */
  #frames(bytes: Buffer): number {
    let at = 0;
    let answers = 0;
    let refused = 0;
    while (frame.cut(bytes, at)) {
      const { isText, start } = frame;
      if (isText && bytes[start + 2] === letterE) this.events += 1;
      else if (isText) {
        answers += 1;
        if (bytes[start + 2] === letterI && bytes[start + memberAt] === letterD) refused += 1;
      }
      at = frame.end;
    }
    if (answers > 0) this.#listener.onAnswers(this, answers, refused);
    return at;
  }
}
