import { createHash } from 'node:crypto';
import zookeeper, { type Client, type ClientError } from 'node-zookeeper-client';
import type { Clock } from '../../clock.ts';
import type { TlsOptions } from '../../tls/index.ts';
import type { SessionState } from '../coordinator.ts';
import type { Tree, TreeFailure, TreeNode, TreeResult } from '../tree/tree.ts';
import { ZooKeeperConnection } from './zookeeper-connection.ts';

export interface ZooKeeperTreeOptions {
  readonly connect: string;
  /** Starts with a slash, does not end with one. */
  readonly prefix: string;
  readonly sessionTimeoutMs: number;
  readonly requestTimeoutMs: number;
  readonly credentials: string | undefined;
  readonly tls?: TlsOptions | undefined;
  readonly clock: Clock;
}

const { ACL, CreateMode, Exception, Id, Permission } = zookeeper;
/** Requests that wait for an answer at once; more are answered `unknown`. */
const requestsMax = 10_000;

type Answer<T> = (error: ClientError | null | undefined, value: () => T) => void;

/** The tree on a ZooKeeper service. */
export class ZooKeeperTree implements Tree {
  readonly #options: ZooKeeperTreeOptions;
  readonly #connection: ZooKeeperConnection;
  readonly #acl: readonly object[];
  readonly #listeners: ((state: SessionState) => void)[] = [];
  readonly #pending = new Set<(failure: TreeFailure) => void>();
  readonly #watchers = new WeakMap<() => void, () => void>();
  #isClosed = false;

  constructor(options: ZooKeeperTreeOptions) {
    this.#options = options;
    this.#acl = aclOf(options.credentials);
    this.#connection = new ZooKeeperConnection({
      ...options,
      tls: options.tls,
      changed: (state) => this.#sessionChanged(state),
    });
  }

  /** What another connection needs to take the present session over, and so to end it; undefined without one. */
  get session(): { readonly id: Buffer; readonly password: Buffer } | undefined {
    const { client } = this.#connection;
    return client && { id: client.getSessionId(), password: client.getSessionPassword() };
  }

  /** What the service made of the time-out that was asked for; undefined without a session. */
  get grantedSessionMs(): number | undefined {
    return this.#connection.client?.getSessionTimeout();
  }

  get problem(): Error | undefined {
    return this.#connection.problem;
  }

  create(
    path: string,
    data: Uint8Array,
    kind: 'persistent' | 'ephemeral',
    done: (result: TreeResult<undefined>) => void,
  ): void {
    const mode = kind === 'ephemeral' ? CreateMode.EPHEMERAL : CreateMode.PERSISTENT;
    this.#ask<undefined>(done, (client, answer) => {
      const created = (error: ClientError | null | undefined) => answer(error, () => undefined);
      const bytes = Buffer.from(data);
      if (path === '') client.mkdirp(this.#options.prefix, bytes, this.#acl, mode, created);
      else client.create(this.#at(path), bytes, this.#acl, mode, created);
    });
  }

  read(
    path: string,
    changed: (() => void) | undefined,
    done: (result: TreeResult<TreeNode | undefined>) => void,
  ): void {
    const watcher = this.#watcher(changed);
    this.#ask<TreeNode | undefined>(done, (client, answer) => {
      const look = () =>
        client.getData(this.#at(path), watcher, (error, data, stat) => {
          if (error?.code === Exception.NO_NODE) awaitNode();
          else {
            answer(error, () => ({
              data: data ?? Buffer.alloc(0),
              version: stat.version,
              madeAt: Number(stat.ctime.readBigInt64BE()),
              isOurs: stat.ephemeralOwner.equals(client.getSessionId()),
            }));
          }
        });
      // A node that is not there is watched by asking whether it exists; it may have come in between.
      const awaitNode = () =>
        client.exists(this.#at(path), watcher, (error, stat) => {
          if (!error && stat) look();
          else answer(error, () => undefined);
        });
      look();
    });
  }

  write(
    path: string,
    data: Uint8Array,
    version: number | undefined,
    done: (result: TreeResult<number>) => void,
  ): void {
    this.#ask<number>(done, (client, answer) =>
      client.setData(this.#at(path), Buffer.from(data), version ?? -1, (error, stat) =>
        answer(error, () => stat.version),
      ),
    );
  }

  remove(
    path: string,
    version: number | undefined,
    done: (result: TreeResult<undefined>) => void,
  ): void {
    this.#ask<undefined>(done, (client, answer) =>
      client.remove(this.#at(path), version ?? -1, (error) => answer(error, () => undefined)),
    );
  }

  children(
    path: string,
    changed: (() => void) | undefined,
    done: (result: TreeResult<readonly string[]>) => void,
  ): void {
    const watcher = this.#watcher(changed);
    this.#ask<readonly string[]>(done, (client, answer) =>
      client.getChildren(this.#at(path), watcher, (error, names) => answer(error, () => names)),
    );
  }

  onSession(listener: (state: SessionState) => void): void {
    this.#listeners.push(listener);
  }

  close(done: () => void): void {
    this.#isClosed = true;
    this.#failAll('closed');
    this.#connection.close(this.#options.requestTimeoutMs, done);
  }

  #at(path: string): string {
    return `${this.#options.prefix}${path}`;
  }

  /** Answers come from the client's socket event: nothing of ours runs, or throws, in there. */
  #ask<T>(
    done: (result: TreeResult<T>) => void,
    send: (client: Client, answer: Answer<T>) => void,
  ): void {
    const { clock, requestTimeoutMs } = this.#options;
    const { client } = this.#connection;
    const finish = (result: TreeResult<T>) => {
      if (!this.#pending.delete(fail)) return;
      cancelDeadline();
      clock.defer(() => done(result));
    };
    const fail = (failure: TreeFailure) => finish({ ok: false, failure });
    this.#pending.add(fail);
    const cancelDeadline = clock.after(requestTimeoutMs, () => fail('unknown'));
    if (this.#isClosed) return fail('closed');
    if (client === undefined || this.#pending.size > requestsMax) return fail('unknown');
    send(client, (error, value) => {
      if (error) fail(failureOf(error));
      else finish({ ok: true, value: value() });
    });
  }

  /** The client tells watchers apart by the function: one for each of ours. */
  #watcher(changed: (() => void) | undefined): (() => void) | undefined {
    if (changed === undefined) return undefined;
    const known = this.#watchers.get(changed);
    if (known) return known;
    const watcher = () => this.#options.clock.defer(changed);
    this.#watchers.set(changed, watcher);
    return watcher;
  }

  #sessionChanged(state: SessionState): void {
    if (state !== 'connected') this.#failAll('unknown');
    this.#options.clock.defer(() => {
      if (this.#isClosed) return;
      for (const listener of this.#listeners) listener(state);
    });
  }

  #failAll(failure: TreeFailure): void {
    for (const fail of [...this.#pending]) fail(failure);
  }
}

/**
 * For whoever has the password, and for nobody who came by another way: the service would add the certificate of the
 * one node that made it.
 */
function aclOf(credentials: string | undefined): readonly object[] {
  if (credentials === undefined) return ACL.OPEN_ACL_UNSAFE;
  const user = credentials.slice(0, credentials.indexOf(':'));
  // How the service itself keeps passwords of the scheme digest.
  const hash = createHash('sha1').update(credentials).digest('base64');
  return [new ACL(Permission.ALL, new Id('digest', `${user}:${hash}`))];
}

function failureOf({ code }: ClientError): TreeFailure {
  switch (code) {
    case Exception.NODE_EXISTS:
      return 'exists';
    case Exception.NO_NODE:
      return 'missing';
    case Exception.BAD_VERSION:
      return 'version';
    case Exception.NO_AUTH:
    case Exception.AUTH_FAILED:
    case Exception.INVALID_ACL:
      return 'refused';
    case Exception.SESSION_EXPIRED:
      return 'expired';
    default:
      return 'unknown';
  }
}
