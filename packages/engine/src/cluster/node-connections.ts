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
import { type TlsOptions, tlsProblem, tlsReason } from 'veltrix/tls';
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
  /** Is told `engine-node-tls`. */
  readonly onProblem?: (error: Error) => void;
}

interface Finding {
  readonly until: number;
  reason: string | undefined;
}

/** How this node calls others: over connections that are kept, encrypted where the cluster is. */
export class NodeConnections {
  readonly #tls: Live<TlsOptions> | undefined;
  readonly #onProblem: (error: Error) => void;
  readonly #findings = new Map<string, Finding>();
  readonly #endRenewal: () => void;
  /** How many sockets there are to a node is for its bulkheads to say. An agent remembers sessions of TLS, too. */
  #agent: PlainAgent;
  #secured: ConnectionOptions;

  constructor({ tls, onProblem = () => {} }: NodeConnectionsOptions = {}) {
    this.#tls = tls;
    this.#onProblem = onProblem;
    this.#secured = securedBy(tls);
    this.#agent = agentOf(tls);
    this.#endRenewal =
      tls?.onChange(() => {
        this.#secured = securedBy(tls);
        // The other side soon closes the connections that the old one keeps.
        this.#agent = agentOf(tls);
      }) ?? (() => {});
  }

  /** As that of `node:http`. Throws for an address that is none. */
  request(
    address: string,
    path: string,
    options: RequestOptions,
    answered: (response: IncomingMessage) => void,
  ): ClientRequest {
    const kept = { agent: this.#agent, ...options };
    if (!this.#tls) return plainRequest(`http://${address}${path}`, kept, answered);
    return secureRequest(`https://${address}${path}`, { ...kept, ...this.#secured }, answered);
  }

  /** The error of a call: `engine-node-tls` where encryption is why, as far as that is known; else as it was. */
  explained(error: Error, address: string): Error {
    const reason = this.#tls
      ? tlsReason(error, { tls: this.#tls.current, scope, host: hostOf(address) })
      : this.#whyHungUp(error, address);
    return reason === undefined ? error : this.#problem(address, reason, error);
  }

  #problem(address: string, reason: string, cause: Error): Error {
    const problem = engineErrors.create('engine-node-tls', { address, reason }, { cause });
    this.#onProblem(problem);
    return problem;
  }

  /** A node that encrypts hangs up on who does not, without a word: what it wants is found out beside the calls. */
  #whyHungUp(error: Error, address: string): string | undefined {
    if ((error as NodeJS.ErrnoException).code !== 'ECONNRESET') return undefined;
    const now = performance.now();
    const known = this.#findings.get(address);
    if (known && now < known.until) return known.reason;
    if (this.#findings.size >= findingsMax) this.#findings.clear();
    const finding: Finding = { until: now + findingMs, reason: undefined };
    this.#findings.set(address, finding);
    void wantsEncryption(address).then((reason) => {
      finding.reason = reason;
      if (reason !== undefined) this.#problem(address, reason, error);
    });
    return undefined;
  }

  close(): void {
    this.#endRenewal();
    this.#agent.destroy();
  }
}

/** Whether a call failed since the two nodes do not agree on `nodes.tls`: no answer about what was asked. */
export function isNodeTlsFault(error: unknown): boolean {
  return (
    error instanceof CodedError &&
    (error.id === 'engine-node-tls' || error.id === 'engine-node-caller')
  );
}

function agentOf(tls: Live<TlsOptions> | undefined): PlainAgent {
  return tls ? new SecureAgent({ keepAlive: true }) : new PlainAgent({ keepAlive: true });
}

/** A context in place of its texts, of which the agent would make the name of a connection with each request. */
function securedBy(tls: Live<TlsOptions> | undefined): ConnectionOptions {
  if (!tls) return {};
  const { serverName } = tls.current;
  return {
    secureContext: createSecureContext(serverContext(tls.current)),
    rejectUnauthorized: true,
    ...(serverName === undefined ? {} : { servername: serverName }),
  };
}

function hostOf(address: string): string {
  return address.slice(0, address.lastIndexOf(':'));
}

/** Never rejects. Who answers in plain is not asked whether it encrypts: it would complain. */
async function wantsEncryption(address: string): Promise<string | undefined> {
  if (await answersInPlain(address)) return undefined;
  const question = { scope, tls: undefined, plainQuestion: '', timeoutMs: probeTimeoutMs };
  return (await tlsProblem({ ...question, addresses: [address] }))?.reason;
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
