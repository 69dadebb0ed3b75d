import type { ClientRequest } from 'node:http';
import { type Life, type Lifelines, takesEncrypted } from 'veltrix/cluster';
import { keyHeader, lifePath } from './internal-server.ts';
import { type Callee, NodeConnections } from './node-connections.ts';

const connectTimeoutMs = 2_000;
/** Between tries to reach a process that was never reached, or is silent. */
const retryMs = 1_000;
/** After a connection broke: whether somebody listens is asked this often, in a moment. */
const refusalsNeeded = 2;
const refusalPauseMs = 50;
const quickTriesMax = 10;

/** Holds on to the processes of other nodes by requests that they never answer to the end. */
export class NodeLifelines implements Lifelines {
  readonly #header: string;
  readonly #connections: NodeConnections;

  /** @param key of the deployment */
  constructor(key: Uint8Array, connections = new NodeConnections()) {
    this.#header = keyHeader(key);
    this.#connections = connections;
  }

  hold(
    { address, encryption }: Pick<Life, 'address' | 'encryption'>,
    died: () => void,
  ): () => void {
    const callee = { address, takesTls: takesEncrypted(encryption) };
    const lifeline = new Lifeline(callee, this.#header, this.#connections, died);
    return () => lifeline.letGo();
  }
}

class Lifeline {
  readonly #callee: Callee;
  readonly #header: string;
  readonly #connections: NodeConnections;
  readonly #died: () => void;
  #wasHeld = false;
  #refusals = 0;
  #quickTriesLeft = 0;
  #isOver = false;
  #request: ClientRequest | undefined;
  #timer: NodeJS.Timeout | undefined;

  constructor(callee: Callee, header: string, connections: NodeConnections, died: () => void) {
    this.#callee = callee;
    this.#header = header;
    this.#connections = connections;
    this.#died = died;
    this.#reach();
  }

  #reach(): void {
    let isLost = false;
    const lost = (error?: Error) => {
      if (isLost) return;
      isLost = true;
      clearTimeout(timer);
      this.#request?.destroy();
      this.#lost(error);
    };
    const timer = setTimeout(lost, connectTimeoutMs).unref();
    const headers = { authorization: this.#header };
    const options = { agent: false, method: 'POST', headers } as const;
    try {
      this.#request = this.#connections.request(this.#callee, lifePath, options, (response) => {
        clearTimeout(timer);
        response.resume().on('error', lost).on('close', lost);
        if (response.statusCode !== 200) return lost();
        this.#wasHeld = true;
        this.#refusals = 0;
        this.#quickTriesLeft = quickTriesMax;
      });
      this.#request
        .on('error', (error) => {
          // Whoever is not reached for that is told of.
          this.#connections.explained(error, this.#callee);
          lost(error);
        })
        .on('socket', (socket) => socket.unref());
      this.#request.end();
    } catch (error) {
      // An address that is none: somebody edited it, and may mend it.
      lost(error as Error);
    }
  }

  #lost(error?: Error): void {
    if (this.#isOver) return;
    const isRefused = (error as NodeJS.ErrnoException | undefined)?.code === 'ECONNREFUSED';
    this.#refusals = isRefused ? this.#refusals + 1 : 0;
    if (this.#wasHeld && this.#refusals === refusalsNeeded) {
      this.letGo();
      this.#died();
      return;
    }
    this.#quickTriesLeft -= 1;
    const pauseMs = this.#quickTriesLeft >= 0 ? refusalPauseMs : retryMs;
    this.#timer = setTimeout(() => this.#reach(), pauseMs).unref();
  }

  letGo(): void {
    this.#isOver = true;
    clearTimeout(this.#timer);
    this.#request?.destroy();
  }
}
