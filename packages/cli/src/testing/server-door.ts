import { connect, createServer, type Server, type Socket } from 'node:net';
import { freePort } from './cluster-process.ts';

/** A way to a server that is shut at first: whoever calls is refused, as if the server did not run. */
export class ServerDoor {
  readonly address: string;
  readonly #server: Server;
  readonly #port: number;
  readonly #sockets = new Set<Socket>();

  private constructor(port: number, to: string) {
    const [host = '', toPort] = to.split(':');
    this.#port = port;
    this.address = `127.0.0.1:${port}`;
    this.#server = createServer((client) => this.#join(client, connect(Number(toPort), host)));
  }

  /** @param to `host:port` of the server */
  static async make(to: string): Promise<ServerDoor> {
    return new ServerDoor(await freePort(), to);
  }

  get isOpen(): boolean {
    return this.#server.listening;
  }

  open(): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#server.once('error', reject);
      this.#server.listen(this.#port, '127.0.0.1', resolve);
    });
  }

  close(): void {
    this.#server.close();
    for (const socket of this.#sockets) socket.destroy();
  }

  #join(client: Socket, server: Socket): void {
    for (const [socket, other] of [
      [client, server],
      [server, client],
    ] as const) {
      this.#sockets.add(socket);
      socket.on('error', () => socket.destroy());
      socket.on('close', () => {
        this.#sockets.delete(socket);
        other.destroy();
      });
      socket.pipe(other);
    }
  }
}
