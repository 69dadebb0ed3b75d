import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { LinkDirection } from './link-direction.ts';
import { resetSocket } from './reset-socket.ts';

interface Link {
  readonly client: Socket;
  readonly directions: LinkDirection[];
}

/** Which way bytes go. */
export type Direction = 'to-server' | 'to-client';

/**
 * A TCP proxy on loopback that does to its connections what networks do: cuts them, holds them up,
 * loses them in one direction. It changes no bytes. For tests: whoever is to suffer is given
 * `address` in place of the server's.
 */
export class FaultProxy {
  /** `host:port` where it listens. */
  readonly address: string;
  readonly #server: Server;
  readonly #links = new Set<Link>();
  readonly #held = new Set<Direction>();
  #target: string;
  #isCut = false;
  #delayMs = 0;

  private constructor(server: Server, target: string) {
    this.#server = server;
    this.#target = target;
    const { address, port } = server.address() as AddressInfo;
    this.address = `${address}:${port}`;
    server.on('connection', (client) => this.#accept(client));
  }

  /**
   * @param target `host:port` of the server; may be told later, by `target`
   * @param place where it listens: at a free port of 127.0.0.1 unless told
   */
  static async listen(
    target = '',
    place: { readonly host: string; readonly port: number } = { host: '127.0.0.1', port: 0 },
  ): Promise<FaultProxy> {
    const server = createServer({ allowHalfOpen: true });
    server.listen(place.port, place.host);
    await once(server, 'listening');
    return new FaultProxy(server, target);
  }

  /** New connections go there. */
  set target(address: string) {
    this.#target = address;
  }

  /** Connections now open.  */
  get connections(): number {
    return this.#links.size;
  }

  /** Resets all connections, and new ones as soon as they are made, until `heal`. */
  cut(): void {
    this.#isCut = true;
    for (const { client } of this.#links) resetSocket(client);
  }

  /** Connections stay, and new ones are taken, but nothing arrives any more, or only in the other direction. */
  hold(...directions: readonly Direction[]): void {
    const all: readonly Direction[] = ['to-server', 'to-client'];
    for (const direction of directions.length === 0 ? all : directions) this.#held.add(direction);
    this.#changed();
  }

  /** Everything arrives so much later than it did; bytes keep their order. */
  slow(delayMs: number): void {
    this.#delayMs = delayMs;
  }

  /** As if nothing had been. What was held arrives now. */
  heal(): void {
    this.#isCut = false;
    this.#held.clear();
    this.#delayMs = 0;
    this.#changed();
  }

  #changed(): void {
    for (const { directions } of this.#links) {
      for (const direction of directions) direction.forward();
    }
  }

  #accept(client: Socket): void {
    // Who is reset hears of it by the close.
    client.on('error', () => {});
    if (this.#isCut || this.#target === '') {
      resetSocket(client);
      return;
    }
    const colon = this.#target.lastIndexOf(':');
    const place = {
      host: this.#target.slice(0, colon),
      port: Number(this.#target.slice(colon + 1)),
    };
    const server = connect({ ...place, allowHalfOpen: true, noDelay: true });
    server.on('error', () => {});
    client.setNoDelay(true);
    const link: Link = {
      client,
      directions: [
        new LinkDirection(client, server, this.#weather('to-server')),
        new LinkDirection(server, client, this.#weather('to-client')),
      ],
    };
    this.#links.add(link);
    const end = () => {
      this.#links.delete(link);
      client.destroy();
      server.destroy();
    };
    client.once('close', end);
    server.once('close', end);
  }

  #weather(direction: Direction) {
    return { isHeld: () => this.#held.has(direction), delayMs: () => this.#delayMs };
  }

  /** Ends all connections and listens no more. */
  async close(): Promise<void> {
    this.cut();
    this.#server.close();
    await once(this.#server, 'close');
  }
}
