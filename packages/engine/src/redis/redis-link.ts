import { type Clock, CodedError, systemClock } from 'veltrix';
import { tlsProblem } from 'veltrix/tls';
import { engineErrors } from '../errors.ts';
import {
  dataNodes,
  openRedisClient,
  type RedisClient,
  type RedisServers,
  redisPlainQuestion,
} from './redis-client.ts';

export interface RedisLinkOptions {
  readonly servers: RedisServers;
  readonly clock?: Clock;
  /** Asked after each connection before anything else is sent; its coded errors that never pass end the link. */
  readonly check: (client: RedisClient) => Promise<void>;
  readonly onUp: () => void;
  readonly onDown: (error: CodedError) => void;
  /** What trying again cannot mend; nothing is sent any more. */
  readonly onRefused: (error: CodedError) => void;
}

const retryMs = 250;
const tlsTimeoutMs = 1_000;
/** Replies and connection errors that no waiting mends. */
const refusals = [
  /^(WRONGPASS|NOAUTH|NOPERM|MOVED)/,
  /cluster support disabled/,
  /Protocol error|Unknown RESP type/,
] as const;

/**
 * Knows whether Redis can be used. After a failure nothing but this link's own check is sent until
 * Redis answers again, so that nobody waits for a time-out twice.
 */
export class RedisLink {
  readonly client: RedisClient;
  readonly #options: RedisLinkOptions;
  readonly #clock: Clock;
  #wasUp = false;
  #state: 'down' | 'up' | 'refused' | 'closed' = 'down';
  #lastError = 'no connection yet';
  #error: CodedError;

  private constructor(client: RedisClient, options: RedisLinkOptions) {
    this.client = client;
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
    this.#error = this.#unavailable(this.#lastError);
  }

  /**
   * Resolves after the first check, or when Redis cannot be reached for now. Throws what `check`
   * throws for good: `engine-redis-refused`, `engine-redis-evicts` and others.
   */
  static async open(options: RedisLinkOptions): Promise<RedisLink> {
    let link: RedisLink | undefined;
    const client = await openRedisClient(options.servers, (error) => link?.heard(error));
    link = new RedisLink(client, options);
    client.on('node error', (error: Error) => link?.heard(error));
    client.on('close', () => link.failed(new Error('the connection was lost')));
    await once(client, ['ready', 'error']);
    await link.#tryAgain();
    if (link.#state === 'refused') {
      await link.close();
      throw link.#error;
    }
    return link;
  }

  get up(): boolean {
    return this.#state === 'up';
  }

  /** Why it is not up. */
  get error(): CodedError {
    return this.#error;
  }

  /** Of a cluster the error says only that all nodes failed, and its cause how the last one did. */
  heard(error: Error & { readonly lastNodeError?: Error }): void {
    this.#lastError = (error.lastNodeError ?? error).message;
  }

  /** A command failed: Redis counts as gone until it answers. Returns what to tell the caller. */
  failed(error: unknown): CodedError {
    if (error instanceof CodedError) return error;
    const coded = this.#unavailable((error as Error).message);
    if (this.#state !== 'up') return coded;
    this.#down(coded);
    this.#retryLater();
    return coded;
  }

  async close(): Promise<void> {
    if (this.#state === 'closed') return;
    if (this.#state !== 'refused') this.#error = this.#unavailable('this process lets go of it');
    this.#state = 'closed';
    this.client.disconnect();
  }

  #down(error: CodedError): void {
    this.#state = 'down';
    this.#error = error;
    this.#options.onDown(error);
  }

  #retryLater(): void {
    this.#clock.after(retryMs, () => {
      if (this.#state === 'down') void this.#tryAgain();
    });
  }

  async #tryAgain(): Promise<void> {
    try {
      await this.#checkKind();
      await this.#options.check(this.client);
      if (this.#state !== 'down') return;
      this.#state = 'up';
      this.#wasUp = true;
      this.#lastError = '';
      this.#options.onUp();
    } catch (error) {
      const refusal = this.#refusalOf(error as Error) ?? (await this.#tlsRefusal());
      if (this.#state === 'closed') return;
      if (refusal === undefined) {
        this.#error = this.#unavailable(`${(error as Error).message}; ${this.#lastError}`);
        return this.#retryLater();
      }
      this.#state = 'refused';
      this.#error = refusal;
      this.#options.onRefused(refusal);
    }
  }

  /** A node of a cluster answers a plain client until the first key that is elsewhere. */
  async #checkKind(): Promise<void> {
    for (const node of dataNodes(this.client)) {
      const isCluster = /cluster_enabled:1/.test(await node.info('cluster'));
      if (isCluster === (this.#options.servers.cluster ?? false)) continue;
      throw this.#refused(isCluster ? 'it is a cluster' : 'it is no cluster');
    }
  }

  #refusalOf(error: Error): CodedError | undefined {
    if (error instanceof CodedError) return error.retry === 'never' ? error : undefined;
    const reason = [error.message, this.#lastError].find((text) =>
      refusals.some((refusal) => refusal.test(text)),
    );
    return reason === undefined ? undefined : this.#refused(reason);
  }

  /** Until it was up once: afterwards a server with another certificate is one that is away. */
  async #tlsRefusal(): Promise<CodedError | undefined> {
    if (this.#wasUp) return undefined;
    const { addresses, tls } = this.#options.servers;
    const problem = await tlsProblem({
      ...{ addresses, tls, scope: 'redis', plainQuestion: redisPlainQuestion },
      timeoutMs: tlsTimeoutMs,
    });
    return problem && engineErrors.create('engine-redis-tls', { ...problem });
  }

  #refused(reason: string): CodedError {
    return engineErrors.create('engine-redis-refused', { address: this.#address, reason });
  }

  #unavailable(reason: string): CodedError {
    return engineErrors.create('engine-redis-unavailable', { address: this.#address, reason });
  }

  get #address(): string {
    return this.#options.servers.addresses.join(', ');
  }
}

function once(client: RedisClient, events: readonly string[]): Promise<void> {
  return new Promise((resolve) => {
    for (const event of events) client.once(event, () => resolve());
  });
}
