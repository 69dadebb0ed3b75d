import type { EventQueue } from '../../simulator/event-queue.ts';
import type { SeededRandom } from '../../simulator/seeded-random.ts';
import { simulatedEpoch } from '../../simulator/simulated-clock.ts';
import { TreeServer } from '../tree/tree-server.ts';
import { bytesOf } from '../tree/tree-text.ts';

/** Faults of the way between the nodes and the service; all may be changed at any time. */
export interface TreeFaults {
  /** Each message takes 0 to this long; those of one connection keep their order. */
  delayMaxMs: number;
  /** Notifications of watches that never arrive. */
  watchLossChance: number;
  /** Notifications take up to this long more, and may be overtaken. */
  watchDelayMaxMs: number;
  /** Answers that never arrive, though what was asked for was done. */
  answerLossChance: number;
}

export type CutDirection = 'both' | 'to-service' | 'from-service';

export interface Traffic {
  messages: number;
  bytes: number;
}

interface Session {
  readonly node: string;
  heardAt: number;
}

/**
 * The coordination service of a simulated world: the tree, sessions that end when nothing is heard, and a way to each
 * node that can be cut, slowed or robbed. It is one machine that never forgets; going down only makes it silent.
 */
export class SimulatedTreeService {
  readonly server: TreeServer;
  readonly queue: EventQueue;
  readonly random: SeededRandom;
  readonly sessionTimeoutMs: number;
  /** None at first, but that nothing is instant. */
  readonly faults: TreeFaults = {
    delayMaxMs: 2,
    watchLossChance: 0,
    watchDelayMaxMs: 0,
    answerLossChance: 0,
  };
  readonly #sessions = new Map<number, Session>();
  readonly #cuts = new Map<string, CutDirection>();
  readonly #traffic = new Map<string, Traffic>();
  readonly #operator: number;
  #isDown = false;

  constructor(queue: EventQueue, random: SeededRandom, sessionTimeoutMs = 4000) {
    this.queue = queue;
    this.server = new TreeServer(() => simulatedEpoch + queue.now);
    this.random = random;
    this.sessionTimeoutMs = sessionTimeoutMs;
    this.#operator = this.server.openSession();
    this.#expireSilent();
  }

  cut(node: string, direction: CutDirection): void {
    this.#cuts.set(node, direction);
  }

  heal(node: string): void {
    this.#cuts.delete(node);
  }

  /** Ends the sessions of a node at once, as if it had been silent for too long. */
  expire(node: string): void {
    for (const [session, { node: owner }] of [...this.#sessions]) {
      if (owner === node) this.endSession(session);
    }
  }

  /** Answers nothing until it is up again; sessions are given their whole time anew, as ZooKeeper does. */
  setDown(isDown: boolean): void {
    this.#isDown = isDown;
    for (const session of this.#sessions.values()) session.heardAt = this.queue.now;
  }

  /** Somebody edits by hand; undefined removes. */
  edit(path: string, text: string | undefined): void {
    const { server } = this;
    if (text === undefined) server.remove(this.#operator, path, undefined);
    else if (!server.write(this.#operator, path, bytesOf(text), undefined).ok) {
      server.create(this.#operator, path, bytesOf(text), 'persistent');
    }
  }

  /** All that is there. */
  paths(): string[] {
    return this.server.paths();
  }

  /** What a node sent and was sent so far. */
  trafficOf(node: string): Traffic {
    return this.#traffic.get(node) ?? { messages: 0, bytes: 0 };
  }

  openSession(node: string): number {
    const session = this.server.openSession();
    this.#sessions.set(session, { node, heardAt: this.queue.now });
    return session;
  }

  heard(session: number): boolean {
    const known = this.#sessions.get(session);
    if (known) known.heardAt = this.queue.now;
    return known !== undefined;
  }

  endSession(session: number): void {
    this.#sessions.delete(session);
    this.server.endSession(session);
  }

  isCut(node: string, direction: 'to-service' | 'from-service'): boolean {
    const cut = this.#cuts.get(node);
    return this.#isDown || cut === 'both' || cut === direction;
  }

  count(node: string, bytes: number): void {
    const traffic = this.trafficOf(node);
    traffic.messages += 1;
    traffic.bytes += bytes;
    this.#traffic.set(node, traffic);
  }

  #expireSilent(): void {
    const { queue, sessionTimeoutMs } = this;
    for (const [session, { heardAt }] of [...this.#sessions]) {
      if (!this.#isDown && queue.now - heardAt >= sessionTimeoutMs) this.endSession(session);
    }
    queue.schedule(sessionTimeoutMs / 20, () => this.#expireSilent());
  }
}
