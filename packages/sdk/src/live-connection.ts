import {
  type BatchCommand,
  type BatchResult,
  batchResultOf,
  newIdempotencyKey,
} from './command.ts';
import { clientProblem, isObject, ProblemError } from './problem-error.ts';
import type { StandingRow } from './resources.ts';
import type { RetryPolicy } from './retry-policy.ts';

/** `standings` for everybody, `team` for the player's own team, `reset` when events were missed for good. */
export interface LiveEvent {
  readonly event: string;
  /** Resumes after this event. */
  readonly cursor?: string;
  /** With `standings` and `reset`: the first rows. */
  readonly top?: readonly StandingRow[];
  readonly version?: number;
  /** With `standings` and `reset`: they are as of then (RFC 3339) and may be out of date. */
  readonly staleSince?: string;
  readonly [value: string]: unknown;
}

export type LiveState = 'connecting' | 'open' | 'closed';

export interface LiveOptions {
  readonly onEvent: (event: LiveEvent) => void;
  /** `connecting` comes again after each loss; `closed` is for good, with the reason when it was not asked for. */
  readonly onState?: (state: LiveState, reason?: ProblemError) => void;
  /** Where an earlier connection stopped. */
  readonly cursor?: string;
  /** Commands that may wait for their answer, 1,024 unless told. */
  readonly inflightMax?: number;
}

export interface LiveSendOptions {
  /** How long the answer is waited for, in ms; for as long as it takes unless told. */
  readonly timeoutMs?: number;
}

interface Waiting {
  /** What is sent, now or again. */
  readonly text: () => string;
  /** Nobody waits any more. */
  readonly end: () => void;
  readonly resolve: (result: BatchResult) => void;
  readonly reject: (error: ProblemError) => void;
}

/**
 * Events and commands over one WebSocket. It reconnects for ever, resumes from the last cursor, and
 * sends unanswered commands again with their ids, so that each is decided once.
 */
export class LiveConnection {
  readonly #url: string;
  readonly #token: string | undefined;
  readonly #policy: RetryPolicy;
  readonly #options: LiveOptions;
  readonly #waiting = new Map<string, Waiting>();
  readonly #ended = new AbortController();
  #socket: WebSocket | undefined;
  #cursor: string | undefined;
  #losses = 0;

  constructor(url: string, token: string | undefined, policy: RetryPolicy, options: LiveOptions) {
    this.#url = url;
    this.#token = token;
    this.#policy = policy;
    this.#options = options;
    this.#cursor = options.cursor;
    options.onState?.('connecting');
    this.#connect();
  }

  get cursor(): string | undefined {
    return this.#cursor;
  }

  /**
   * Many may be under way; they are answered in any order. With `timeoutMs` rejects with `sdk-timeout` after it, and
   * what the server has not begun by then it does not do, as far as it can take it back: what was begun is decided, and
   * the same id tells how.
   */
  send(command: BatchCommand, { timeoutMs }: LiveSendOptions = {}): Promise<BatchResult> {
    const id = command.id ?? newIdempotencyKey();
    if (this.#ended.signal.aborted) return Promise.reject(clientProblem('sdk-live-closed'));
    if (this.#waiting.has(id)) return Promise.reject(clientProblem('sdk-live-id-waiting'));
    if (this.#waiting.size >= (this.#options.inflightMax ?? 1_024)) {
      return Promise.reject(clientProblem('sdk-live-inflight-full'));
    }
    return new Promise((resolve, reject) => {
      const until = timeoutMs === undefined ? undefined : performance.now() + timeoutMs;
      const text = () =>
        JSON.stringify({
          ...command,
          id,
          ...(until !== undefined && { timeoutMs: leftMs(until) }),
        });
      const giveUp = () => {
        this.#waiting.delete(id);
        reject(clientProblem('sdk-timeout'));
      };
      const timer = timeoutMs === undefined ? undefined : setTimeout(giveUp, timeoutMs);
      const end = () => clearTimeout(timer);
      this.#waiting.set(id, { text, end, resolve, reject });
      if (this.#socket?.readyState === WebSocket.OPEN) this.#socket.send(text());
    });
  }

  close(): void {
    this.#end(undefined);
  }

  #connect(): void {
    // The token travels in the first message: addresses end up in logs.
    const query = this.#cursor === undefined ? '' : `?cursor=${encodeURIComponent(this.#cursor)}`;
    const socket = new WebSocket(this.#url + query);
    this.#socket = socket;
    socket.onopen = () => {
      if (this.#token !== undefined) {
        socket.send(JSON.stringify({ type: 'hello', token: this.#token }));
      }
      this.#options.onState?.('open');
      for (const { text } of this.#waiting.values()) socket.send(text());
    };
    socket.onmessage = (message) => this.#received(message.data);
    socket.onclose = (close) => {
      if (this.#ended.signal.aborted) return;
      if (isFinal(close.code)) this.#end(refusalOf(close.reason));
      else void this.#reconnect();
    };
  }

  async #reconnect(): Promise<void> {
    this.#options.onState?.('connecting');
    const { pauseMs, pauseMaxMs, random, wait } = this.#policy;
    const ceiling = Math.min(pauseMaxMs, pauseMs * 2 ** Math.min(this.#losses++, 20));
    try {
      await wait(random() * ceiling, this.#ended.signal);
      this.#connect();
    } catch {
      // Closed while it waited; everything was told by #end.
    }
  }

  #received(data: unknown): void {
    const message: unknown = typeof data === 'string' ? parse(data) : undefined;
    for (const one of Array.isArray(message) ? message : [message]) {
      if (isObject(one)) this.#dispatch(one);
    }
  }

  #dispatch(message: Record<string, unknown>): void {
    // A connection that opens and closes at once is still a loss; one that talks is not.
    this.#losses = 0;
    if (typeof message['event'] === 'string') {
      if (typeof message['cursor'] === 'string') this.#cursor = message['cursor'];
      this.#options.onEvent(message as unknown as LiveEvent);
      return;
    }
    const { id, ...result } = message;
    const waiting = typeof id === 'string' ? this.#waiting.get(id) : undefined;
    if (waiting === undefined) return;
    this.#waiting.delete(id as string);
    waiting.end();
    waiting.resolve(batchResultOf(result));
  }

  #end(reason: ProblemError | undefined): void {
    if (this.#ended.signal.aborted) return;
    this.#ended.abort();
    this.#socket?.close();
    for (const { reject, end } of this.#waiting.values()) {
      end();
      reject(reason ?? clientProblem('sdk-live-closed'));
    }
    this.#waiting.clear();
    this.#options.onState?.('closed', reason);
  }
}

/** In whole milliseconds, as the server takes it. */
function leftMs(until: number): number {
  return Math.max(1, Math.ceil(until - performance.now()));
}

/** Policy violation, and the codes that stand for HTTP's 4xx: the next connection would be refused, too. */
function isFinal(code: number): boolean {
  return code === 1008 || (code >= 4_400 && code < 4_500);
}

/** A close reason begins with the error id. */
function refusalOf(reason: string): ProblemError {
  const code = /^[a-z][a-z0-9-]+/.exec(reason)?.[0] ?? 'sdk-live-closed';
  return new ProblemError({ code, status: 0, title: reason || code, retry: 'never' });
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
