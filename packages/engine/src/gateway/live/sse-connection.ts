import type { ServerResponse } from 'node:http';
import { problemOf } from '../problem.ts';
import { type LiveMessage, sseText } from './live-message.ts';
import type { LiveConnection, LiveEventName } from './live-subscriber.ts';

const reconnectMs = 1_000;

/** Server-sent events (WHATWG HTML, 9.2) on an answer that never ends. */
export class SseConnection implements LiveConnection {
  readonly #response: ServerResponse;

  constructor(response: ServerResponse, headers: Readonly<Record<string, string>>) {
    this.#response = response;
    response.writeHead(200, {
      ...headers,
      'content-type': 'text/event-stream; charset=utf-8',
      'cache-control': 'no-store',
      // Proxies must not gather the events.
      'x-accel-buffering': 'no',
    });
    response.write(`retry: ${reconnectMs}\n\n`);
  }

  send(name: LiveEventName, cursor: string | undefined, membersJson: string): void {
    this.#response.write(sseText(name, cursor, membersJson));
  }

  sendShared(message: LiveMessage): void {
    this.#response.write(message.sseEvent);
  }

  backlogBytes(): number {
    return this.#response.writableLength;
  }

  /** The browser connects again by itself, with the last id. */
  close(error: Error): void {
    this.#response.end(`event: close\ndata: ${JSON.stringify(problemOf(error))}\n\n`);
  }

  beat(): void {
    this.#response.write(':\n\n');
  }
}
