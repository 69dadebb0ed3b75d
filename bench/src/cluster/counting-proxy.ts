import { once } from 'node:events';
import net from 'node:net';
import { frameHeadBytes, ZooKeeperFrames } from './zookeeper-frames.ts';

interface Traffic {
  messages: number;
  bytes: number;
}

/** What went through so far, both ways. */
export interface CountedTraffic extends Traffic {
  /** By what it was, requests and their answers together; bytes of whole frames. */
  readonly byKind: Map<string, Traffic>;
}

/** Stands between clients and a ZooKeeper on loopback, and counts. */
export class CountingProxy {
  readonly traffic: CountedTraffic = { messages: 0, bytes: 0, byKind: new Map() };
  readonly #server: net.Server;
  readonly #sockets = new Set<net.Socket>();

  private constructor(target: string) {
    const [host, port] = target.split(':');
    this.#server = net.createServer((client) => {
      const server = net.connect({ host: host!, port: Number(port) });
      const frames = new ZooKeeperFrames();
      this.#join(client, server, (head) => frames.asked(head));
      this.#join(server, client, (head) => frames.answered(head));
    });
  }

  /** @param target `host:port` */
  static async start(target: string): Promise<CountingProxy> {
    const proxy = new CountingProxy(target);
    proxy.#server.listen(0, '127.0.0.1');
    await once(proxy.#server, 'listening');
    return proxy;
  }

  get address(): string {
    const { port } = this.#server.address() as net.AddressInfo;
    return `127.0.0.1:${port}`;
  }

  #join(from: net.Socket, to: net.Socket, kindOf: (head: Buffer) => string): void {
    this.#sockets.add(from);
    const frames = new Frames((head, bytes) => this.#count(kindOf(head), bytes));
    from.setNoDelay(true);
    from.on('data', (chunk: Buffer) => {
      this.traffic.bytes += chunk.length;
      frames.read(chunk);
      to.write(chunk);
    });
    from.on('error', () => from.destroy());
    from.on('close', () => {
      this.#sockets.delete(from);
      to.destroy();
    });
  }

  #count(kind: string, bytes: number): void {
    this.traffic.messages += 1;
    const same = this.traffic.byKind.get(kind) ?? { messages: 0, bytes: 0 };
    same.messages += 1;
    same.bytes += bytes;
    this.traffic.byKind.set(kind, same);
  }

  async stop(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    this.#server.close();
    await once(this.#server, 'close');
  }
}

const lengthBytes = 4;

/** The frames of one direction, wherever they are cut: each begins with its length. */
class Frames {
  readonly #onFrame: (head: Buffer, bytes: number) => void;
  /** Of the frame under way: its length and what names it. */
  readonly #start = Buffer.alloc(lengthBytes + frameHeadBytes);
  #read = 0;

  /** @param onFrame with the first bytes after the length, borrowed, and the bytes of the whole frame */
  constructor(onFrame: (head: Buffer, bytes: number) => void) {
    this.#onFrame = onFrame;
  }

  read(chunk: Buffer): void {
    for (let at = 0; at < chunk.length; ) {
      const wanted = this.#read < lengthBytes ? lengthBytes : this.#frameBytes;
      const taken = Math.min(wanted - this.#read, chunk.length - at);
      if (this.#read < this.#start.length) chunk.copy(this.#start, this.#read, at, at + taken);
      this.#read += taken;
      at += taken;
      if (this.#read < lengthBytes || this.#read < this.#frameBytes) continue;
      const end = Math.min(this.#frameBytes, this.#start.length);
      this.#onFrame(this.#start.subarray(lengthBytes, end), this.#frameBytes);
      this.#read = 0;
    }
  }

  get #frameBytes(): number {
    return lengthBytes + this.#start.readUInt32BE(0);
  }
}
