import type { Socket } from 'node:net';
import { openSocket, type Target } from './http-connection.ts';

const eventStart = '\nevent: ';

export interface LiveListenerOptions {
  readonly target: Target;
  readonly authority: string;
  readonly hunt: string;
  readonly token: string;
  /** Once: the stream began, or why there is none. */
  readonly onOpen: (refusal: string | undefined) => void;
  readonly onEvent: () => void;
  /** An open one ended although nobody closed it. */
  readonly onLost: () => void;
}

/** A player who listens to live events (server-sent) and does nothing with them but count. */
export class LiveListener {
  readonly #socket: Socket;
  readonly #options: LiveListenerOptions;
  #state: 'opening' | 'open' | 'closed' = 'opening';
  /** The end of what was read: an event may begin in one piece and go on in the next. */
  #tail = '';

  constructor(options: LiveListenerOptions) {
    this.#options = options;
    this.#socket = openSocket(options.target, (bytes) => this.#read(bytes));
    this.#socket.on('error', ({ message }) => this.#ended(message));
    this.#socket.on('close', () => this.#ended('the server closed it'));
    this.#socket.write(
      [
        `GET /v1/hunts/${encodeURIComponent(options.hunt)}/live HTTP/1.1`,
        `Host: ${options.authority}`,
        'Accept: text/event-stream',
        `Authorization: Bearer ${options.token}`,
        '',
        '',
      ].join('\r\n'),
    );
  }

  close(): void {
    this.#state = 'closed';
    this.#socket.destroy();
  }

  #read(bytes: Buffer): void {
    const text = this.#tail + bytes.toString('latin1');
    if (this.#state === 'opening') {
      const status = /^HTTP\/1\.1 (\d\d\d)/.exec(text)?.[1];
      if (status !== '200') return this.#ended(`the server answered ${status ?? 'no HTTP'}`);
      this.#state = 'open';
      this.#options.onOpen(undefined);
    }
    let from = 0;
    for (let at = text.indexOf(eventStart); at >= 0; at = text.indexOf(eventStart, from)) {
      this.#options.onEvent();
      from = at + eventStart.length;
    }
    this.#tail = text.slice(Math.max(from, text.length - eventStart.length + 1));
  }

  #ended(reason: string): void {
    const before = this.#state;
    if (before === 'closed') return;
    this.close();
    if (before === 'opening') this.#options.onOpen(reason);
    else this.#options.onLost();
  }
}
