import { HttpConnection } from '@hunt/load/generator';
import type { NumberedRequest } from './request.ts';

/** Told of what comes over each of some connections, by its number. */
export interface ConnectionsListener {
  /** Before the load begins, too, and of those that are lost while others still open. */
  onOpen?(connection: number): void;
  /** @param keepsAlive whether it carries another request; where not, `onLost` comes next */
  onResponse(connection: number, status: number, keepsAlive: boolean): void;
  /** It was open. */
  onLost(connection: number, reason: string): void;
}

/** At once, so that no backlog overflows. */
const openingMost = 200;
/** Numbers never come twice in one process: they are the idempotency keys. */
let nextNumber = 1;

/** Keep-alive connections with at most one request under way each; of a response only the status is read. */
export class OpenConnections {
  readonly #connections: HttpConnection[] = [];

  /** Rejects when the server does not take all of them. */
  static async to(port: number, count: number, listener: ConnectionsListener) {
    const opened = new OpenConnections();
    try {
      while (opened.#connections.length < count) {
        const size = Math.min(openingMost, count - opened.#connections.length);
        await Promise.all(Array.from({ length: size }, () => opened.#open(port, listener)));
      }
      return opened;
    } catch (error) {
      opened.close();
      throw error;
    }
  }

  send(connection: number, request: NumberedRequest): void {
    // A copy: the kernel may take the bytes later, when the request's own carry the next numbers.
    this.#connections[connection]!.send(Buffer.from(request.numbered(nextNumber)));
    nextNumber += request.numbers;
  }

  close(): void {
    for (const connection of this.#connections) connection.destroy();
  }

  #open(port: number, listener: ConnectionsListener): Promise<void> {
    const number = this.#connections.length;
    return new Promise((resolve, reject) => {
      let isOpen = false;
      const target = { host: '127.0.0.1', port, isSecure: false };
      const connection = new HttpConnection(
        target,
        {
          onOpen() {
            isOpen = true;
            listener.onOpen?.(number);
            resolve();
          },
          onAnswer: ({ status, keepsAlive }) => listener.onResponse(number, status, keepsAlive),
          onClosed(reason) {
            if (isOpen) listener.onLost(number, reason);
            else reject(new Error(`a connection could not be opened: ${reason}`));
          },
        },
        0,
      );
      this.#connections.push(connection);
    });
  }
}
