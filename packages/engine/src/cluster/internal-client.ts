import { type Clock, CodedError, systemClock } from 'veltrix';
import { deadlinePassed } from '../gateway/passed-deadlines.ts';
import { timeoutHeader } from '../gateway/request-deadline.ts';
import { currentTrace } from '../tracing/trace-scope.ts';
import { keyHeader } from './internal-server.ts';
import { NodeConnections } from './node-connections.ts';
import { defaultPeerSettings, PeerCalls, type PeerSettings } from './peer-calls.ts';

const callTimeoutMs = 2_000;

export interface InternalClientOptions {
  readonly clock?: Pick<Clock, 'after'>;
  readonly settings?: () => PeerSettings;
  /** Closed with the client; plain unless given. */
  readonly connections?: NodeConnections;
}

interface CallTerms {
  readonly timeoutMs: number;
  /** Where the call is a step of a trace. */
  readonly traceparent: string | undefined;
}

/** Asks other nodes; see `InternalServer`. */
export class InternalClient {
  readonly #connections: NodeConnections;
  readonly #header: string;
  /** Limits of its calls. */
  readonly calls: PeerCalls;

  /** @param key of the deployment */
  constructor(key: Uint8Array, options: InternalClientOptions = {}) {
    const { clock = systemClock, settings = () => defaultPeerSettings } = options;
    this.#connections = options.connections ?? new NodeConnections();
    this.#header = keyHeader(key);
    this.calls = new PeerCalls({ clock, settings, timeoutMs: callTimeoutMs });
  }

  /**
   * Resolves with the answer. Rejects with the coded error that the other node answered with, with
   * `engine-dependency-busy` where too many calls of this kind wait for that node already, with
   * `engine-deadline-passed` once the deadline of the work has that this is a part of, with `engine-node-tls`
   * where one encrypts and the other does not, or does not trust it, and with a plain error that says why there
   * was no answer within two seconds.
   */
  async call(address: string, name: string, question: unknown): Promise<unknown> {
    const { passage, timeoutMs, isDeadline } = await this.calls.turn(address, name);
    const traced = currentTrace()?.question(name, address);
    try {
      const answer = await this.#send(address, name, JSON.stringify(question), {
        timeoutMs,
        traceparent: traced?.traceparent,
      });
      // A refusal by the other node is an answer, too.
      passage.answered();
      const answered = answer();
      traced?.end();
      return answered;
    } catch (error) {
      traced?.end(idOf(error));
      if (isDeadline && isTimeout(error)) {
        passage.abandoned();
        throw deadlinePassed();
      }
      passage.failed();
      throw error;
    }
  }

  /** Resolves once the other node has answered, with what reads the answer. */
  #send(
    address: string,
    name: string,
    body: string,
    { timeoutMs, traceparent }: CallTerms,
  ): Promise<() => unknown> {
    return new Promise((resolve, reject) => {
      const callee = { address };
      const failed = (error: Error) => reject(this.#connections.explained(error, callee));
      const call = this.#connections.request(
        callee,
        `/internal/${name}`,
        {
          method: 'POST',
          timeout: timeoutMs,
          signal: AbortSignal.timeout(timeoutMs),
          headers: {
            authorization: this.#header,
            'content-length': Buffer.byteLength(body),
            [timeoutHeader]: timeoutMs,
            ...(traceparent !== undefined && { traceparent }),
          },
        },
        (response) => {
          const chunks: Buffer[] = [];
          response.on('data', (chunk: Buffer) => chunks.push(chunk));
          response.once('error', reject);
          response.once('end', () => {
            const text = Buffer.concat(chunks).toString();
            resolve(() => answerOf(response.statusCode ?? 0, text));
          });
        },
      );
      call.once('error', failed);
      call.end(body);
    });
  }

  close(): void {
    this.#connections.close();
  }
}

/** For whoever looks at it from outside. */
function idOf(error: unknown): string {
  return error instanceof CodedError ? error.id : 'engine-internal';
}

function isTimeout(error: unknown): boolean {
  const { code, name } = error as { readonly code?: string; readonly name?: string };
  return code === 'ABORT_ERR' || name === 'AbortError' || name === 'TimeoutError';
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
