import type { Clock } from '../../clock.ts';
import type { SessionState } from '../coordinator.ts';
import type { Tree, TreeNode, TreeResult } from '../tree/tree.ts';
import type { TreeServer } from '../tree/tree-server.ts';

/** The tree within this process: always there, answers after this turn. */
export class MemoryTree implements Tree {
  readonly problem = undefined;
  readonly #server: TreeServer;
  readonly #clock: Clock;
  readonly #listeners: ((state: SessionState) => void)[] = [];
  #session: number;
  #isClosed = false;

  constructor(server: TreeServer, clock: Clock) {
    this.#server = server;
    this.#clock = clock;
    this.#session = server.openSession();
    clock.defer(() => this.#tell('connected'));
  }

  create(
    path: string,
    data: Uint8Array,
    kind: 'persistent' | 'ephemeral',
    done: (result: TreeResult<undefined>) => void,
  ): void {
    this.#answer(done, () => this.#server.create(this.#session, path, data, kind));
  }

  read(
    path: string,
    changed: (() => void) | undefined,
    done: (result: TreeResult<TreeNode | undefined>) => void,
  ): void {
    this.#answer(done, () => this.#server.read(this.#session, path, this.#deferred(changed)));
  }

  write(
    path: string,
    data: Uint8Array,
    version: number | undefined,
    done: (result: TreeResult<number>) => void,
  ): void {
    this.#answer(done, () => this.#server.write(this.#session, path, data, version));
  }

  remove(
    path: string,
    version: number | undefined,
    done: (result: TreeResult<undefined>) => void,
  ): void {
    this.#answer(done, () => this.#server.remove(this.#session, path, version));
  }

  children(
    path: string,
    changed: (() => void) | undefined,
    done: (result: TreeResult<readonly string[]>) => void,
  ): void {
    this.#answer(done, () => this.#server.children(this.#session, path, this.#deferred(changed)));
  }

  onSession(listener: (state: SessionState) => void): void {
    this.#listeners.push(listener);
  }

  /** What a service would do to a node it no longer hears. */
  expire(): void {
    this.#server.endSession(this.#session);
    this.#clock.defer(() => {
      if (this.#isClosed) return;
      this.#tell('expired');
      this.#session = this.#server.openSession();
      this.#tell('connected');
    });
  }

  close(done: () => void): void {
    this.#isClosed = true;
    this.#server.endSession(this.#session);
    this.#clock.defer(done);
  }

  #answer<T>(done: (result: TreeResult<T>) => void, act: () => TreeResult<T>): void {
    const result: TreeResult<T> = this.#isClosed ? { ok: false, failure: 'closed' } : act();
    this.#clock.defer(() => done(this.#isClosed ? { ok: false, failure: 'closed' } : result));
  }

  /** One wrapper for each function, since the server tells watches apart by it. */
  readonly #wrappers = new WeakMap<() => void, () => void>();

  #deferred(changed: (() => void) | undefined): (() => void) | undefined {
    if (changed === undefined) return undefined;
    const known = this.#wrappers.get(changed);
    if (known) return known;
    const wrapper = () => this.#clock.defer(changed);
    this.#wrappers.set(changed, wrapper);
    return wrapper;
  }

  #tell(state: SessionState): void {
    if (this.#isClosed) return;
    for (const listener of this.#listeners) listener(state);
  }
}
