import { Agent, request } from 'node:http';
import { CodedError } from 'veltrix';
import { keyHeader } from './internal-server.ts';

const callTimeoutMs = 2_000;
const socketsMax = 64;

/** Asks other nodes; see `InternalServer`. */
export class InternalClient {
  readonly #agent = new Agent({ keepAlive: true, maxSockets: socketsMax });
  readonly #header: string;

  /** @param key of the deployment */
  constructor(key: Uint8Array) {
    this.#header = keyHeader(key);
  }

  /**
   * Resolves with the answer. Rejects with the coded error that the other node answered with, and with
   * a plain one that says why there was no answer within two seconds.
   */
  call(address: string, name: string, question: unknown): Promise<unknown> {
    const body = JSON.stringify(question);
    return new Promise((resolve, reject) => {
      const call = request(
        `http://${address}/internal/${name}`,
        {
          agent: this.#agent,
          method: 'POST',
          timeout: callTimeoutMs,
          signal: AbortSignal.timeout(callTimeoutMs),
          headers: { authorization: this.#header, 'content-length': Buffer.byteLength(body) },
        },
        (response) => {
          const chunks: Buffer[] = [];
          response.on('data', (chunk: Buffer) => chunks.push(chunk));
          response.once('error', reject);
          response.once('end', () => {
            try {
              resolve(answerOf(response.statusCode ?? 0, Buffer.concat(chunks).toString()));
            } catch (error) {
              reject(error);
            }
          });
        },
      );
      call.once('error', reject);
      call.end(body);
    });
  }

  close(): void {
    this.#agent.destroy();
  }
}

function answerOf(status: number, text: string): unknown {
  const { answer, id, retry, reason } = JSON.parse(text) as {
    readonly answer?: unknown;
    readonly id?: string;
    readonly retry?: CodedError['retry'];
    readonly reason?: string;
  };
  if (status === 200) return answer;
  if (id === undefined || retry === undefined) throw new Error(reason ?? `status ${status}`);
  const message = reason?.endsWith(` (${id})`) ? reason.slice(0, -id.length - 3) : (reason ?? '');
  throw new CodedError(id, { retry, message, cause: '', remedy: '' }, {});
}
