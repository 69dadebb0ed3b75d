import net from 'node:net';
import { slug } from '../crowd/bench-hunt.ts';
import { ServerFrame } from './server-frame.ts';

export type LiveReaderKind = 'socket' | 'events';

export interface LiveReaderListener {
  /** The JSON of a push of the standings: of a `top` and what stands beside it. */
  onStandings(reader: LiveReader, json: string): void;
  onLost(error: Error | undefined): void;
}

/** All readers read into this one: what is read is looked at before the next read begins. */
const readBuffer = Buffer.allocUnsafe(262_144);
/** Of the read that is looked at. */
const frame = new ServerFrame();
const nothing = Buffer.alloc(0);
const headEnd = Buffer.from('\r\n\r\n');
const eventEnd = Buffer.from('\n\n');
const standingsName = '"standings"';
const socketHeaders = [
  'Connection: Upgrade',
  'Upgrade: websocket',
  'Sec-WebSocket-Version: 13',
  'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
];

/** A spectator over a WebSocket or server-sent events, who costs a fraction of what any server does. */
export class LiveReader {
  /** Rejects when the server refuses. */
  readonly opened: Promise<void>;
  readonly #kind: LiveReaderKind;
  readonly #socket: net.Socket;
  readonly #listener: LiveReaderListener;
  readonly #opening: PromiseWithResolvers<void> = Promise.withResolvers();
  #isOpen = false;
  #isClosed = false;
  /** What came of a message that is not there as a whole. */
  #rest: Buffer = nothing;

  constructor(kind: LiveReaderKind, port: number, listener: LiveReaderListener) {
    this.#kind = kind;
    this.#listener = listener;
    this.opened = this.#opening.promise;
    const callback = (size: number) => {
      this.#received(readBuffer.subarray(0, size));
      return true;
    };
    this.#socket = net.connect({
      host: '127.0.0.1',
      port,
      onread: { buffer: readBuffer, callback },
    });
    this.#socket.on('error', (error) => this.#lost(error));
    this.#socket.on('close', () => this.#lost(undefined));
    const headers = kind === 'socket' ? socketHeaders : ['Accept: text/event-stream'];
    const lines = [`GET /v1/hunts/${slug}/live HTTP/1.1`, 'Host: 127.0.0.1', ...headers, '', ''];
    this.#socket.write(lines.join('\r\n'));
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
    let bytes = this.#rest === nothing ? chunk : Buffer.concat([this.#rest, chunk]);
    if (!this.#isOpen) bytes = this.#head(bytes);
    const read = !this.#isOpen
      ? 0
      : this.#kind === 'socket'
        ? this.#frames(bytes)
        : this.#events(bytes);
    this.#rest = read === bytes.length ? nothing : Buffer.from(bytes.subarray(read));
  }

  #head(bytes: Buffer): Buffer {
    const end = bytes.indexOf(headEnd);
    if (end < 0) return bytes;
    // "HTTP/1.1 200"
    const status = bytes.toString('latin1', 9, 12);
    if (status !== (this.#kind === 'socket' ? '101' : '200')) {
      this.#lost(new Error(bytes.toString('latin1')));
      return nothing;
    }
    this.#isOpen = true;
    this.#opening.resolve();
    return bytes.subarray(end + headEnd.length);
  }

  /** Returns how many bytes whole frames took. */
  #frames(bytes: Buffer): number {
    let at = 0;
    while (frame.cut(bytes, at)) {
      const { isText, start, end } = frame;
      if (isText) {
        const json = bytes.toString('latin1', start, end);
        if (json.includes(standingsName)) this.#listener.onStandings(this, json);
      }
      at = end;
    }
    return at;
  }

  /** The chunks of the transfer lie around events, never within one. */
  #events(bytes: Buffer): number {
    let at = 0;
    for (;;) {
      const end = bytes.indexOf(eventEnd, at);
      if (end < 0) return at;
      const event = bytes.toString('latin1', at, end);
      if (event.includes('event: standings')) {
        this.#listener.onStandings(this, event.slice(event.indexOf('data: ') + 'data: '.length));
      }
      at = end + eventEnd.length;
    }
  }
}

/** Opens so many readers, half of each kind, a hundred at a time so that no backlog overflows. */
export async function openReaders(
  ports: readonly number[],
  count: number,
  listener: LiveReaderListener,
): Promise<LiveReader[]> {
  const readers: LiveReader[] = [];
  while (readers.length < count) {
    const group = Array.from({ length: Math.min(100, count - readers.length) }, (_, at) => {
      const kind = at % 2 === 0 ? 'socket' : 'events';
      return new LiveReader(kind, ports[(at >> 1) % ports.length]!, listener);
    });
    await Promise.all(group.map(({ opened }) => opened));
    readers.push(...group);
  }
  return readers;
}
