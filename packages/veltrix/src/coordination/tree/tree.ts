import type { SessionState } from '../coordinator.ts';

/**
 * A small tree of documents that many processes share, with sessions: what ZooKeeper is to us. What is built on
 * it (`TreeCoordinator`, `TreeConfigSource`) is the same over the real server, in memory and under simulated faults.
 *
 * Paths start with a slash and are below the adapter's prefix. Every `done` is called once, never from
 * within the call, and at the latest `requestTimeoutMs` after it, or on `close`.
 */
export interface Tree {
  /** Ephemeral nodes go with the session. The parent must be there; '' is the prefix, made with all above it. */
  create(
    path: string,
    data: Uint8Array,
    kind: 'persistent' | 'ephemeral',
    done: (result: TreeResult<undefined>) => void,
  ): void;
  /**
   * Undefined when there is no such node. `changed` is called at most once, when the node is written, removed
   * or made after this; not at all when the read failed, and perhaps not when the session expires. The
   * same function given again before it was called counts once.
   */
  read(
    path: string,
    changed: (() => void) | undefined,
    done: (result: TreeResult<TreeNode | undefined>) => void,
  ): void;
  /** Fails with `version` unless the node has this one; any for undefined. */
  write(
    path: string,
    data: Uint8Array,
    version: number | undefined,
    done: (result: TreeResult<number>) => void,
  ): void;
  remove(
    path: string,
    version: number | undefined,
    done: (result: TreeResult<undefined>) => void,
  ): void;
  /** Names of the nodes below, in no order. `changed` as for `read`, when one is made or removed. */
  children(
    path: string,
    changed: (() => void) | undefined,
    done: (result: TreeResult<readonly string[]>) => void,
  ): void;
  /** After `expired` another session is opened by itself; `connected` says when it is there. */
  onSession(listener: (state: SessionState) => void): void;
  /** What keeps the service from answering, where more is known than that it does not. */
  readonly problem: Error | undefined;
  close(done: () => void): void;
}

export interface TreeNode {
  readonly data: Uint8Array;
  /** Grows with every write; starts again when the node is removed and made anew. */
  readonly version: number;
  /** Made by the present session of this very tree, and gone with it. */
  readonly isOurs: boolean;
  /** By the service's clock; milliseconds since the epoch. */
  readonly madeAt: number;
}

export type TreeResult<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly failure: TreeFailure };

/**
 * `unknown`: out of touch or too late; it may have happened, or happen yet. `expired`: the session ended, and it
 * may have happened before. `refused`: not permitted.
 */
export type TreeFailure =
  | 'exists'
  | 'missing'
  | 'version'
  | 'unknown'
  | 'expired'
  | 'refused'
  | 'closed';
