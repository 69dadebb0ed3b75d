import type { Clock } from '../../clock.ts';
import type { SessionState } from '../coordinator.ts';
import type { Tree, TreeNode, TreeResult } from '../tree/tree.ts';
import type { SimulatedTreeService } from './simulated-tree-service.ts';

interface Pending {
  answer(failure: 'unknown' | 'closed'): void;
}

/** Bytes of a message besides its data: header, path, numbers. About what ZooKeeper's protocol takes. */
const overheadBytes = 60;

/**
 * A node's connection to the simulated service: a session kept by pings, found lost, taken up again or replaced, as a
 * ZooKeeper client does. The node's own clock drives it, so that a node that is frozen or dead does nothing.
 */
export class SimulatedTree implements Tree {
  readonly problem = undefined;
  readonly #service: SimulatedTreeService;
  readonly #node: string;
  readonly #clock: Clock;
  readonly #requestTimeoutMs: number;
  readonly #listeners: ((state: SessionState) => void)[] = [];
  readonly #pending = new Set<Pending>();
  #session: number | undefined;
  #isConnected = false;
  #isClosed = false;
  /** Since the last answer, by the world's time: clocks may be off, but not their pace. */
  #heardAt: number;
  readonly #lastArrival = { 'to-service': 0, 'from-service': 0 };

  constructor(service: SimulatedTreeService, node: string, clock: Clock, requestTimeoutMs: number) {
    this.#service = service;
    this.#node = node;
    this.#clock = clock;
    this.#requestTimeoutMs = requestTimeoutMs;
    this.#heardAt = service.queue.now;
    clock.defer(() => this.#keepAlive());
  }

  create(
    path: string,
    data: Uint8Array,
    kind: 'persistent' | 'ephemeral',
    done: (result: TreeResult<undefined>) => void,
  ): void {
    const { server } = this.#service;
    this.#ask(data.length, (session) => server.create(session, path, data, kind), done);
  }

  read(
    path: string,
    changed: (() => void) | undefined,
    done: (result: TreeResult<TreeNode | undefined>) => void,
  ): void {
    const { server } = this.#service;
    this.#ask(0, (session) => server.read(session, path, this.#overTheWay(changed)), done);
  }

  write(
    path: string,
    data: Uint8Array,
    version: number | undefined,
    done: (result: TreeResult<number>) => void,
  ): void {
    const { server } = this.#service;
    this.#ask(data.length, (session) => server.write(session, path, data, version), done);
  }

  remove(
    path: string,
    version: number | undefined,
    done: (result: TreeResult<undefined>) => void,
  ): void {
    const { server } = this.#service;
    this.#ask(0, (session) => server.remove(session, path, version), done);
  }

  children(
    path: string,
    changed: (() => void) | undefined,
    done: (result: TreeResult<readonly string[]>) => void,
  ): void {
    const { server } = this.#service;
    this.#ask(0, (session) => server.children(session, path, this.#overTheWay(changed)), done);
  }

  onSession(listener: (state: SessionState) => void): void {
    this.#listeners.push(listener);
  }

  close(done: () => void): void {
    const session = this.#session;
    this.#isClosed = true;
    for (const pending of this.#pending) pending.answer('closed');
    if (session !== undefined) {
      this.#carry('to-service', 0, () => this.#service.endSession(session));
    }
    this.#clock.defer(done);
  }

  #ask<T>(
    bytes: number,
    act: (session: number) => TreeResult<T>,
    done: (result: TreeResult<T>) => void,
  ): void {
    const session = this.#session;
    if (this.#isClosed || !this.#isConnected || session === undefined) {
      const failure = this.#isClosed ? 'closed' : 'unknown';
      this.#clock.defer(() => done({ ok: false, failure }));
      return;
    }
    const finish = (result: TreeResult<T>) => {
      if (!this.#pending.delete(pending)) return;
      cancelDeadline();
      done(result);
    };
    const pending: Pending = {
      answer: (failure) => this.#clock.defer(() => finish({ ok: false, failure })),
    };
    this.#pending.add(pending);
    const cancelDeadline = this.#clock.after(this.#requestTimeoutMs, () =>
      finish({ ok: false, failure: 'unknown' }),
    );
    this.#carry('to-service', bytes, () => {
      this.#service.heard(session);
      const result = act(session);
      if (this.#service.random.chance(this.#service.faults.answerLossChance)) return;
      this.#carry('from-service', bytesOfResult(result), () => {
        this.#heardAt = this.#service.queue.now;
        finish(result);
      });
    });
  }

  /** In order, unless it is cut when it arrives. */
  #carry(direction: 'to-service' | 'from-service', bytes: number, arrive: () => void): void {
    const { queue, random, faults } = this.#service;
    this.#service.count(this.#node, bytes + overheadBytes);
    const at = Math.max(
      this.#lastArrival[direction],
      queue.now + random.between(0, faults.delayMaxMs),
    );
    this.#lastArrival[direction] = at;
    queue.schedule(at - queue.now, () => {
      if (this.#service.isCut(this.#node, direction)) return;
      if (direction === 'to-service') arrive();
      else this.#clock.defer(arrive);
    });
  }

  readonly #wrappers = new WeakMap<() => void, () => void>();

  /** A notification on its way; one wrapper for each function, since the service tells watches apart by it. */
  #overTheWay(changed: (() => void) | undefined): (() => void) | undefined {
    if (changed === undefined) return undefined;
    const known = this.#wrappers.get(changed);
    if (known) return known;
    const wrapper = () => {
      const { queue, random, faults } = this.#service;
      if (random.chance(faults.watchLossChance)) return;
      const arrive = () => {
        if (this.#isConnected) changed();
      };
      const late = random.between(0, faults.watchDelayMaxMs);
      if (late === 0) this.#carry('from-service', 0, arrive);
      else queue.schedule(late, () => this.#carry('from-service', 0, arrive));
    };
    this.#wrappers.set(changed, wrapper);
    return wrapper;
  }

  /** Pings while connected, calls while not; three times in a session's time. */
  #keepAlive(): void {
    if (this.#isClosed) return;
    const { queue, sessionTimeoutMs } = this.#service;
    const silentMs = queue.now - this.#heardAt;
    if (this.#isConnected && silentMs > (sessionTimeoutMs * 2) / 3) this.#disconnect();
    if (this.#session !== undefined && silentMs > sessionTimeoutMs) this.#expired();
    this.#call();
    const pauseMs = Math.floor(sessionTimeoutMs / (this.#isConnected ? 3 : 10));
    this.#clock.after(pauseMs, () => this.#keepAlive());
  }

  #call(): void {
    const asked = this.#session;
    this.#carry('to-service', 0, () => {
      const session = asked ?? this.#service.openSession(this.#node);
      const isAlive = this.#service.heard(session);
      this.#carry('from-service', 0, () => this.#called(asked, session, isAlive));
    });
  }

  #called(asked: number | undefined, session: number, isAlive: boolean): void {
    // An answer to a session that was given up meanwhile, or one too many.
    if (this.#isClosed || asked !== this.#session) return;
    this.#heardAt = this.#service.queue.now;
    if (!isAlive) {
      this.#disconnect();
      this.#expired();
      this.#call();
      return;
    }
    this.#session = session;
    if (this.#isConnected) return;
    this.#isConnected = true;
    this.#tell('connected');
  }

  #disconnect(): void {
    if (!this.#isConnected) return;
    this.#isConnected = false;
    for (const pending of this.#pending) pending.answer('unknown');
    this.#tell('disconnected');
  }

  #expired(): void {
    this.#session = undefined;
    this.#isConnected = false;
    this.#tell('expired');
  }

  #tell(state: SessionState): void {
    for (const listener of this.#listeners) listener(state);
  }
}

function bytesOfResult(result: TreeResult<unknown>): number {
  if (!result.ok) return 0;
  const value = result.value as TreeNode | readonly string[] | number | undefined;
  if (Array.isArray(value)) return value.reduce((sum, name: string) => sum + name.length + 4, 0);
  return typeof value === 'object' && 'data' in value ? value.data.length : 0;
}
