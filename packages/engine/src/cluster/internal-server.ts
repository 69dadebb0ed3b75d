import { timingSafeEqual } from 'node:crypto';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { CodedError } from 'veltrix';
import { Deadline, withDeadline } from 'veltrix/resilience';
import { expositionType } from 'veltrix/telemetry';
import { deadlinePassed } from '../gateway/passed-deadlines.ts';
import { timeoutHeader } from '../gateway/request-deadline.ts';
import type { PeerTracer } from '../tracing/peer-tracer.ts';
import {
  type ConnectionCounts,
  InternalListener,
  type InternalListenerOptions,
} from './internal-listener.ts';

/** Answers a question of another node; what it throws is told to the caller. */
export type InternalHandler = (question: unknown) => Promise<unknown>;

export interface InternalServerOptions extends InternalListenerOptions {
  /** `host:port` to listen on. */
  readonly address: string;
  /** Nodes of one deployment have the same. */
  readonly key: Uint8Array;
  /** By the name that is the last part of the path. */
  readonly handlers: Readonly<Record<string, InternalHandler>>;
  /** Text of `GET /metrics`, which needs no key: who may reach the address may read it. */
  readonly metrics?: () => string;
  /** Nothing is traced without. */
  readonly tracer?: PeerTracer | undefined;
  /** For `GET /healthz` and `GET /readyz`, which need no key either. */
  readonly health?: () => NodeHealth;
}

export interface NodeHealth {
  /** The node is a member of the cluster and does not leave it. */
  readonly isReady: boolean;
  /** Error ids of what has stopped for good. */
  readonly impairments: readonly string[];
}

const bodyMaxBytes = 8 << 20;
const requestTimeoutMs = 10_000;

/**
 * Where nodes of the cluster ask each other: `POST /internal/NAME` with JSON. Without the key only what a platform asks
 * of a process: `GET /metrics`, `/healthz`, `/readyz`. Over TLS everything else wants a certificate of a node, too. Not for
 * players.
 */
export class InternalServer {
  readonly #listener: InternalListener;
  readonly #options: InternalServerOptions;
  readonly #key: Buffer;
  #lives = 0;

  private constructor(options: InternalServerOptions) {
    this.#options = options;
    this.#key = Buffer.from(keyHeader(options.key));
    this.#listener = new InternalListener(
      (request, response) => void this.#answer(request, response),
      options,
    );
  }

  get #server(): Server {
    return this.#listener.server;
  }

  /** Connections by which nodes have asked anything so far: in plain, and encrypted. */
  get connections(): ConnectionCounts {
    return this.#listener.connections;
  }

  /** Rejects with what the system says of the address. */
  static async listen(options: InternalServerOptions): Promise<InternalServer> {
    const internal = new InternalServer(options);
    const at = options.address.lastIndexOf(':');
    const [host, port] = [options.address.slice(0, at), Number(options.address.slice(at + 1))];
    await new Promise<void>((resolve, reject) => {
      internal.#server.once('error', reject).listen(port, host, () => {
        internal.#server.off('error', reject);
        resolve();
      });
    });
    return internal;
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { metrics } = this.#options;
    if (metrics && request.method === 'GET' && request.url === '/metrics') {
      response.writeHead(200, { 'content-type': expositionType }).end(metrics());
      return;
    }
    const { health } = this.#options;
    if (health && request.method === 'GET' && request.url === '/healthz') {
      return sendHealth(response, health());
    }
    if (health && request.method === 'GET' && request.url === '/readyz') {
      const { isReady } = health();
      return send(response, isReady ? 200 : 503, { status: isReady ? 'ready' : 'not ready' });
    }
    const refusal = this.#listener.refusalOf(request.socket);
    if (refusal) {
      const { id, retry, message: reason } = refusal;
      return send(response, 403, { id, retry, reason });
    }
    const given = Buffer.from(request.headers.authorization ?? '');
    if (given.length !== this.#key.length || !timingSafeEqual(given, this.#key)) {
      return send(response, 401, { reason: 'the secret of the deployment is another' });
    }
    this.#listener.count(request.socket);
    if (request.url === lifePath) {
      // It ends when this process does.
      this.#lives += 1;
      response.once('close', () => {
        this.#lives -= 1;
      });
      response.writeHead(200, { 'content-type': 'application/octet-stream' }).flushHeaders();
      return;
    }
    const name = /^\/internal\/(\w+)$/.exec(request.url ?? '')?.[1] ?? '';
    const handler = this.#options.handlers[name];
    if (request.method !== 'POST' || !handler) return send(response, 404, { reason: 'unknown' });
    const deadline = deadlineOf(request);
    const ended = this.#options.tracer?.answering(name, request.headers['traceparent']);
    try {
      const question = await readJson(request);
      if (deadline.hasPassed) throw deadlinePassed();
      send(response, 200, { answer: await withDeadline(deadline, () => handler(question)) });
      ended?.();
    } catch (error) {
      const coded = error instanceof CodedError ? { id: error.id, retry: error.retry } : {};
      ended?.(coded.id ?? 'engine-internal');
      send(response, 500, { ...coded, reason: (error as Error).message });
    }
  }

  /** How many hold on to this process. */
  get lives(): number {
    return this.#lives;
  }

  close(): Promise<void> {
    return this.#listener.close();
  }
}

/** Whoever asks for this holds on to the process. */
export const lifePath = '/internal/life';

export function keyHeader(key: Uint8Array): string {
  return `Bearer ${Buffer.from(key).toString('base64url')}`;
}

/** As a gateway says it: what is impaired is alive, since starting it again would not help. */
function sendHealth(response: ServerResponse, { impairments }: NodeHealth): void {
  const impaired = { status: 'impaired', impairments: impairments.map((id) => ({ id })) };
  send(response, 200, impairments.length === 0 ? { status: 'alive' } : impaired);
}

/** Until when the other node waits, from now on. */
function deadlineOf({ headers }: IncomingMessage): Deadline {
  const stated = Number(headers[timeoutHeader]);
  return Deadline.after(stated > 0 ? Math.min(stated, requestTimeoutMs) : requestTimeoutMs);
}

function send(response: ServerResponse, status: number, body: object): void {
  const json = JSON.stringify(body);
  const type = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(json) };
  response.writeHead(status, type).end(json);
}

async function readJson(request: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > bodyMaxBytes) throw new Error(`more than ${bodyMaxBytes} bytes`);
    chunks.push(chunk);
  }
  return JSON.parse(Buffer.concat(chunks).toString());
}
