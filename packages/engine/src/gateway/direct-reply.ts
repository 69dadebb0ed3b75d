import type { ServerResponse } from 'node:http';
import type { JsonReply } from './reply-json.ts';

/** The answer to a request of Node's server that fastify has not seen. */
export class DirectReply implements JsonReply {
  readonly #response: ServerResponse;
  /** Name, value, name, value, … */
  readonly #headers: string[] = [];
  #status = 200;

  constructor(response: ServerResponse) {
    this.#response = response;
  }

  code(status: number): this {
    this.#status = status;
    return this;
  }

  /** Adds one; names are not looked for among those that are there. */
  header(name: string, value: string): this {
    this.#headers.push(name, value);
    return this;
  }

  headers(values: Readonly<Record<string, string>>): this {
    for (const name in values) this.#headers.push(name, values[name]!);
    return this;
  }

  send(text: string): void {
    this.#headers.push('content-length', String(Buffer.byteLength(text)));
    this.#response.writeHead(this.#status, this.#headers);
    this.#response.end(text);
  }
}
