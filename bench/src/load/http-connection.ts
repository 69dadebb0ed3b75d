import net from 'node:net';

/** Told of each response: its status, and the connection that is free again. */
export interface ResponseListener {
  onResponse(connection: HttpConnection, status: number): void;
  onLost(connection: HttpConnection, error: Error | undefined): void;
}

/** All connections read into this one: what is read is looked at before the next read begins. */
const readBuffer = Buffer.allocUnsafe(65_536);
const headEnd = Buffer.from('\r\n\r\n');
const lengthHeader = /\r\ncontent-length: *(\d+)/i;

/**
 * One keep-alive connection with at most one request under way. It writes ready-made bytes and looks at
 * nothing of a response but its status and length, so that it costs a fraction of what any server does.
 */
export class HttpConnection {
  /** When the request under way was sent, or should have been; on the clock of `performance.now`. */
  startedAt = 0;
  /** Rejects when the server takes no connection. */
  readonly opened: Promise<void>;
  readonly #socket: net.Socket;
  readonly #listener: ResponseListener;
  #status = 0;
  /** Bytes of the body still to come; -1 while in the head. */
  #bodyLeft = -1;
  /** A head that came in parts; rare. */
  #head: Buffer | undefined;
  readonly #opening: PromiseWithResolvers<void> = Promise.withResolvers();
  #isOpen = false;
  #isClosed = false;

  constructor(port: number, listener: ResponseListener) {
    this.#listener = listener;
    const callback = (size: number) => {
      this.#received(readBuffer.subarray(0, size));
      return true;
    };
    this.#socket = net.connect({
      host: '127.0.0.1',
      port,
      onread: { buffer: readBuffer, callback },
    });
    this.#socket.setNoDelay(true);
    this.opened = this.#opening.promise;
    this.#socket.once('connect', () => {
      this.#isOpen = true;
      this.#opening.resolve();
    });
    this.#socket.on('error', (error) => this.#lost(error));
    this.#socket.on('close', () => this.#lost(undefined));
  }

  send(request: Buffer, startedAt: number): void {
    this.startedAt = startedAt;
    this.#socket.write(request);
  }

  close(): void {
    this.#isClosed = true;
    this.#socket.destroy();
  }

  #lost(error: Error | undefined): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    if (this.#isOpen) this.#listener.onLost(this, error);
    else this.#opening.reject(error ?? new Error('the server closed a new connection'));
  }

  #received(bytes: Buffer): void {
    if (this.#bodyLeft >= 0) {
      this.#body(bytes.length);
      return;
    }
    const head = this.#head === undefined ? bytes : Buffer.concat([this.#head, bytes]);
    const end = head.indexOf(headEnd);
    if (end < 0) {
      this.#head = Buffer.from(head);
      return;
    }
    this.#head = undefined;
    // "HTTP/1.1 200"
    this.#status = (head[9]! - 48) * 100 + (head[10]! - 48) * 10 + (head[11]! - 48);
    const length = lengthHeader.exec(head.toString('latin1', 0, end))?.[1];
    this.#bodyLeft = length === undefined ? 0 : Number(length);
    this.#body(head.length - end - headEnd.length);
  }

  #body(bytes: number): void {
    this.#bodyLeft -= bytes;
    if (this.#bodyLeft > 0) return;
    this.#bodyLeft = -1;
    this.#listener.onResponse(this, this.#status);
  }
}

/** Opens so many connections, a few hundred at a time so that no backlog overflows. */
export async function openConnections(
  port: number,
  count: number,
  listener: ResponseListener,
): Promise<HttpConnection[]> {
  const connections: HttpConnection[] = [];
  while (connections.length < count) {
    const size = Math.min(200, count - connections.length);
    const group = Array.from({ length: size }, () => new HttpConnection(port, listener));
    await Promise.all(group.map(({ opened }) => opened));
    connections.push(...group);
  }
  return connections;
}
