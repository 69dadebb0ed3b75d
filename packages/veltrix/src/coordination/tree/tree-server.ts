import type { TreeFailure, TreeNode, TreeResult } from './tree.ts';

/** Told once when what it watches changed. */
export type Fire = () => void;

interface StoredNode {
  data: Uint8Array;
  version: number;
  readonly session: number | undefined;
  readonly madeAt: number;
}

const done: TreeResult<undefined> = { ok: true, value: undefined };

/**
 * The tree itself, in memory and at once: nodes with versions, sessions with their ephemeral nodes, watches
 * that fire once. A model of what ZooKeeper does; the adapters add time and what can go wrong.
 */
export class TreeServer {
  readonly #now: () => number;
  readonly #nodes = new Map<string, StoredNode>([['', nodeOf(new Uint8Array(), undefined, 0)]]);
  readonly #watches = { data: new Watches(), children: new Watches() };
  readonly #sessions = new Set<number>();
  #lastSession = 0;

  /** @param now the service's clock; milliseconds since the epoch */
  constructor(now: () => number) {
    this.#now = now;
  }

  /** All nodes but the root. */
  paths(): string[] {
    return [...this.#nodes.keys()].filter((path) => path !== '');
  }

  openSession(): number {
    this.#sessions.add(++this.#lastSession);
    return this.#lastSession;
  }

  hasSession(session: number): boolean {
    return this.#sessions.has(session);
  }

  /** Ends the session: its nodes go, others' watches fire, its own are dropped. */
  endSession(session: number): void {
    if (!this.#sessions.delete(session)) return;
    this.#watches.data.drop(session);
    this.#watches.children.drop(session);
    for (const [path, node] of [...this.#nodes]) if (node.session === session) this.#remove(path);
  }

  create(
    session: number,
    path: string,
    data: Uint8Array,
    kind: 'persistent' | 'ephemeral',
  ): TreeResult<undefined> {
    if (!this.#sessions.has(session)) return failed('expired');
    if (!this.#nodes.has(parentOf(path))) return failed('missing');
    if (this.#nodes.has(path)) return failed('exists');
    const owner = kind === 'ephemeral' ? session : undefined;
    this.#nodes.set(path, nodeOf(data, owner, this.#now()));
    this.#watches.data.fire(path);
    this.#watches.children.fire(parentOf(path));
    return done;
  }

  read(session: number, path: string, changed: Fire | undefined): TreeResult<TreeNode | undefined> {
    if (!this.#sessions.has(session)) return failed('expired');
    if (changed) this.#watches.data.add(session, path, changed);
    const node = this.#nodes.get(path);
    if (!node) return { ok: true, value: undefined };
    const { data, version, madeAt } = node;
    return { ok: true, value: { data, version, madeAt, isOurs: node.session === session } };
  }

  write(
    session: number,
    path: string,
    data: Uint8Array,
    version: number | undefined,
  ): TreeResult<number> {
    if (!this.#sessions.has(session)) return failed('expired');
    const node = this.#nodes.get(path);
    if (!node) return failed('missing');
    if (version !== undefined && version !== node.version) return failed('version');
    node.data = data.slice();
    node.version += 1;
    this.#watches.data.fire(path);
    return { ok: true, value: node.version };
  }

  remove(session: number, path: string, version: number | undefined): TreeResult<undefined> {
    if (!this.#sessions.has(session)) return failed('expired');
    const node = this.#nodes.get(path);
    if (!node) return failed('missing');
    if (version !== undefined && version !== node.version) return failed('version');
    this.#remove(path);
    return done;
  }

  children(
    session: number,
    path: string,
    changed: Fire | undefined,
  ): TreeResult<readonly string[]> {
    if (!this.#sessions.has(session)) return failed('expired');
    if (!this.#nodes.has(path)) return failed('missing');
    if (changed) this.#watches.children.add(session, path, changed);
    const names = [...this.#nodes.keys()].filter(
      (other) => other !== '' && parentOf(other) === path,
    );
    return { ok: true, value: names.map((name) => name.slice(path.length + 1)) };
  }

  #remove(path: string): void {
    this.#nodes.delete(path);
    this.#watches.data.fire(path);
    this.#watches.children.fire(path);
    this.#watches.children.fire(parentOf(path));
  }
}

class Watches {
  readonly #byPath = new Map<string, Map<Fire, number>>();

  add(session: number, path: string, fire: Fire): void {
    const watches = this.#byPath.get(path) ?? new Map<Fire, number>();
    this.#byPath.set(path, watches.set(fire, session));
  }

  fire(path: string): void {
    const watches = this.#byPath.get(path);
    this.#byPath.delete(path);
    for (const fire of watches?.keys() ?? []) fire();
  }

  drop(session: number): void {
    for (const watches of this.#byPath.values()) {
      for (const [fire, owner] of watches) if (owner === session) watches.delete(fire);
    }
  }
}

function nodeOf(data: Uint8Array, session: number | undefined, madeAt: number): StoredNode {
  return { data: data.slice(), version: 0, session, madeAt };
}

function parentOf(path: string): string {
  return path.slice(0, path.lastIndexOf('/'));
}

function failed(failure: TreeFailure): { readonly ok: false; readonly failure: TreeFailure } {
  return { ok: false, failure };
}
