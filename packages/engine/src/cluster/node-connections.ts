import {
  type ClientRequest,
  type IncomingMessage,
  Agent as PlainAgent,
  request as plainRequest,
  type RequestOptions,
} from 'node:http';
import { Agent as SecureAgent, request as secureRequest } from 'node:https';
import { type ConnectionOptions, createSecureContext } from 'node:tls';
import { CodedError } from 'veltrix';
import type { Live } from 'veltrix/config';
import { isPlainAnswer, type TlsOptions, tlsProblem, tlsReason } from 'veltrix/tls';
import { engineErrors } from '../errors.ts';
import { serverContext } from '../tls/server-context.ts';

const probeTimeoutMs = 1_000;
/** How long it is remembered what a node that hangs up was found to want. */
const findingMs = 30_000;
const findingsMax = 1_024;
const scope = 'nodes';

export interface NodeConnectionsOptions {
  /** How other nodes are called; in plain where there is none. */
  readonly tls?: Live<TlsOptions> | undefined;
  /**
   * Whether a node takes TLS, by its address; undefined where nothing was heard of it. Who does not, or may not, is called
   * in plain. Unless given nobody is, while there is `tls`.
   */
  readonly takesTls?: ((address: string) => boolean | undefined) | undefined;
  /** Is told `engine-node-tls`. */
  readonly onProblem?: (error: Error) => void;
}

/** Who is called. */
export interface Callee {
  /** `host:port` */
  readonly address: string;
  /** As it said itself, where that was heard elsewhere. */
  readonly takesTls?: boolean;
}

interface Finding {
  readonly until: number;
  wantsTls: boolean;
}

/** How this node calls others: over connections that are kept, encrypted where the cluster, or the other node, is. */
export class NodeConnections {
  readonly #tls: Live<TlsOptions> | undefined;
  readonly #takesTls: NodeConnectionsOptions['takesTls'];
  readonly #onProblem: (error: Error) => void;
  readonly #findings = new Map<string, Finding>();
  readonly #endRenewal: () => void;
  /** How many sockets there are to a node is for its bulkheads to say. */
  readonly #plainAgent = new PlainAgent({ keepAlive: true });
  #secured: Secured | undefined;

  constructor({ tls, takesTls, onProblem = () => {} }: NodeConnectionsOptions = {}) {
    this.#tls = tls;
    this.#takesTls = takesTls;
    this.#onProblem = onProblem;
    this.#secured = tls && securedBy(tls.current);
    this.#endRenewal =
      tls?.onChange(() => {
        // The other side soon closes the connections that the old agent keeps.
        this.#secured = securedBy(tls.current);
      }) ?? (() => {});
  }

  /** How the node is called; undefined for in plain. */
  #securedTo({ address, takesTls }: Callee): Secured | undefined {
    if (this.#takesTls === undefined) return this.#secured;
    return (takesTls ?? this.#takesTls(address)) ? this.#secured : undefined;
  }

  /** As that of `node:http`. Throws for an address that is none. */
  request(
    callee: Callee,
    path: string,
    options: RequestOptions,
    answered: (response: IncomingMessage) => void,
  ): ClientRequest {
    const place = `${callee.address}${path}`;
    const secured = this.#securedTo(callee);
    if (!secured) {
      return plainRequest(`http://${place}`, { agent: this.#plainAgent, ...options }, answered);
    }
    return secureRequest(`https://${place}`, { ...secured, ...options }, answered);
  }

  /** The error of a call: `engine-node-tls` where encryption is why, as far as that is known; else as it was. */
  explained(error: Error, callee: Callee): Error {
    const { address } = callee;
    const reason = this.#securedTo(callee)
      ? this.#whyNotSecured(error, address)
      : this.#whyHungUp(error, callee);
    return reason === undefined ? error : this.#problem(address, reason, error);
  }

  #whyNotSecured(error: Error, address: string): string | undefined {
    if (isPlainAnswer(error)) return answersPlain;
    return tlsReason(error, { tls: this.#tls?.current, scope, host: hostOf(address) });
  }

  #problem(address: string, reason: string, cause: Error): Error {
    const problem = engineErrors.create('engine-node-tls', { address, reason }, { cause });
    this.#onProblem(problem);
    return problem;
  }

  /** A node that encrypts hangs up on who does not, without a word: what it wants is found out beside the calls. */
  #whyHungUp(error: Error, callee: Callee): string | undefined {
    if ((error as NodeJS.ErrnoException).code !== 'ECONNRESET') return undefined;
    const { address } = callee;
    const now = performance.now();
    const known = this.#findings.get(address);
    if (known && now < known.until) return known.wantsTls ? this.#whyPlain(callee) : undefined;
    if (this.#findings.size >= findingsMax) this.#findings.clear();
    const finding: Finding = { until: now + findingMs, wantsTls: false };
    this.#findings.set(address, finding);
    void wantsEncryption(address).then((wanted) => {
      finding.wantsTls = wanted;
      if (wanted) this.#problem(address, this.#whyPlain(callee), error);
    });
    return undefined;
  }

  /** Why a node that wants encryption was called in plain, and what helps. */
  #whyPlain({ address, takesTls }: Callee): string {
    if (this.#tls === undefined) return doesWithout;
    return (takesTls ?? this.#takesTls?.(address)) === undefined ? unheard : unsaid;
  }

  close(): void {
    this.#endRenewal();
    this.#plainAgent.destroy();
    this.#secured?.agent.destroy();
  }
}

/** Whether a call failed since the two nodes do not agree on `nodes.tls`: no answer about what was asked. */
export function isNodeTlsFault(error: unknown): boolean {
  return (
    error instanceof CodedError &&
    (error.id === 'engine-node-tls' || error.id === 'engine-node-caller')
  );
}

interface Secured extends ConnectionOptions {
  /** Remembers sessions, which go with the certificate. */
  readonly agent: SecureAgent;
}

/** A context in place of its texts, of which the agent would make the name of a connection with each request. */
function securedBy(tls: TlsOptions): Secured {
  const { serverName } = tls;
  return {
    agent: new SecureAgent({ keepAlive: true }),
    secureContext: createSecureContext(serverContext(tls)),
    rejectUnauthorized: true,
    ...(serverName === undefined ? {} : { servername: serverName }),
  };
}

const answersPlain =
  'it answers without encryption, and was called with it; in a cluster that runs, all nodes are set to nodes.tls.mode: accept first';

const doesWithout =
  'it wants encryption, and this node does without; in a cluster that runs, all nodes are set to nodes.tls.mode: accept first';

/** Of a node that this one, at `accept`, has heard nothing of. */
const unheard =
  'it wants encryption, and this node has not heard yet what it takes; that passes once the assignment names it, for which the nodes that coordinate have to be of this release';

/** Of one that takes none by its word, or by the word of an older release, which says nothing. */
const unsaid =
  'it wants encryption, and has not said so to the others as nodes of this release do; start it with this release, and nodes.tls.mode: accept at first';

function hostOf(address: string): string {
  return address.slice(0, address.lastIndexOf(':'));
}

/** Never rejects. Who answers in plain is not asked whether it encrypts: it would complain. */
async function wantsEncryption(address: string): Promise<boolean> {
  if (await answersInPlain(address)) return false;
  const question = { scope, tls: undefined, plainQuestion: '', timeoutMs: probeTimeoutMs };
  return (await tlsProblem({ ...question, addresses: [address] })) !== undefined;
}

function answersInPlain(address: string): Promise<boolean> {
  return new Promise((resolve) => {
    const signal = AbortSignal.timeout(probeTimeoutMs);
    const call = plainRequest(`http://${address}/healthz`, { agent: false, signal }, (response) => {
      response.destroy();
      resolve(true);
    });
    call.once('error', () => resolve(false));
    call.end();
  });
}
