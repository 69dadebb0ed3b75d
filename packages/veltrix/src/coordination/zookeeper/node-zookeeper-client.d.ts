/** What we use of node-zookeeper-client 1.1.3, which has no types; also of its inside, where it has to be mended. */
declare module 'node-zookeeper-client' {
  import type { Socket } from 'node:net';

  export interface Stat {
    readonly version: number;
    /** Milliseconds since the epoch, by the clock of the server that leads. */
    readonly ctime: Buffer;
    /** The session that an ephemeral node goes with. */
    readonly ephemeralOwner: Buffer;
  }

  export interface ClientError {
    readonly code: number;
  }

  export type Callback<T extends readonly unknown[]> = (
    error: ClientError | null | undefined,
    ...result: T
  ) => void;

  /** Not part of its public interface. */
  export interface ConnectionManager {
    /** 0 while a connection waits for the server's greeting. */
    state: number;
    socket: Socket | undefined;
    /** Bytes of an answer that has not come whole; not dropped when the connection is. */
    pendingBuffer: Buffer | null;
    connectTimeoutHandler: NodeJS.Timeout | null;
    connect(): void;
    setState(state: number): void;
    findNextServer(
      callback: (server: { readonly host: string; readonly port: number }) => void,
    ): void;
    onSocketConnected(): void;
    onSocketConnectTimeout(): void;
    onSocketData(bytes: Buffer): void;
    onSocketDrain(): void;
    onSocketClosed(): void;
    onSocketError(): void;
    /** How long it waits for a connection, in milliseconds. */
    connectTimeout: number;
  }

  export interface Client {
    readonly connectionManager: ConnectionManager;
    connect(): void;
    close(): void;
    on(event: string, listener: () => void): void;
    removeAllListeners(): void;
    addAuthInfo(scheme: string, auth: Buffer): void;
    getSessionId(): Buffer;
    getSessionPassword(): Buffer;
    /** In milliseconds; as the service granted it, once there is a session. */
    getSessionTimeout(): number;
    create(
      path: string,
      data: Buffer,
      acls: readonly object[],
      mode: number,
      done: Callback<[path: string]>,
    ): void;
    mkdirp(
      path: string,
      data: Buffer,
      acls: readonly object[],
      mode: number,
      done: Callback<[path: string]>,
    ): void;
    getData(
      path: string,
      watcher: (() => void) | undefined,
      done: Callback<[data: Buffer | undefined, stat: Stat]>,
    ): void;
    exists(
      path: string,
      watcher: (() => void) | undefined,
      done: Callback<[stat: Stat | null]>,
    ): void;
    setData(path: string, data: Buffer, version: number, done: Callback<[stat: Stat]>): void;
    remove(path: string, version: number, done: Callback<[]>): void;
    getChildren(
      path: string,
      watcher: (() => void) | undefined,
      done: Callback<[names: string[], stat: Stat]>,
    ): void;
  }

  export interface ClientOptions {
    readonly sessionTimeout: number;
    readonly spinDelay: number;
    readonly retries: number;
    readonly sessionId?: Buffer;
    readonly sessionPassword?: Buffer;
  }

  const client: {
    createClient(connect: string, options: ClientOptions): Client;
    readonly ACL: {
      new (permission: number, id: object): object;
      readonly OPEN_ACL_UNSAFE: readonly object[];
    };
    readonly Id: new (scheme: string, id: string) => object;
    readonly Permission: { readonly ALL: number };
    readonly CreateMode: { readonly PERSISTENT: number; readonly EPHEMERAL: number };
    readonly Exception: {
      readonly NO_NODE: number;
      readonly NODE_EXISTS: number;
      readonly BAD_VERSION: number;
      readonly NO_AUTH: number;
      readonly AUTH_FAILED: number;
      readonly INVALID_ACL: number;
      readonly SESSION_EXPIRED: number;
    };
  };
  export default client;
}
