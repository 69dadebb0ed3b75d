import {
  CircuitBreaker,
  type CircuitBreakerSettings,
  defaultCircuitBreakerSettings,
} from './circuit-breaker.ts';

export interface PeerPickerSettings {
  readonly breaker: CircuitBreakerSettings;
  /** What was measured counts half after this long: a peer that was slow is tried again some day. */
  readonly halfLifeMs: number;
  /** What a peer is taken for that failed. */
  readonly failureLatencyMs: number;
  /**
   * A call that took so many times as long as the best of the other peers is taken to need, and at least
   * `slowMinMs`, is slow; a peer with `slowMax` of them in a row is ejected.
   */
  readonly slowFactor: number;
  readonly slowMinMs: number;
  readonly slowMax: number;
  /** Peers that are remembered; above, the one that was not asked for longest is forgotten. */
  readonly peersMax: number;
}

const defaultPeerPickerSettings: PeerPickerSettings = {
  breaker: defaultCircuitBreakerSettings,
  halfLifeMs: 5_000,
  failureLatencyMs: 250,
  slowFactor: 8,
  slowMinMs: 50,
  slowMax: 5,
  peersMax: 1_024,
};

export interface PeerPickerOptions {
  /** Milliseconds of a clock that does not jump. */
  readonly now: () => number;
  /** From 0 up to 1. */
  readonly random: () => number;
  readonly settings?: Partial<PeerPickerSettings>;
}

/** A call to the peer that was picked. One of these has to be called, once, however it ends. */
export interface PeerCall {
  readonly peer: string;
  succeeded(): void;
  failed(): void;
  /** The caller had no more time: says nothing of the peer but that it takes at least so long. */
  abandoned(): void;
}

/** Latency below which peers count as alike. */
const leastLatencyMs = 0.05;

interface Peer {
  readonly breaker: CircuitBreaker;
  /** Undefined before the first answer. */
  latencyMs: number | undefined;
  measuredAt: number;
  outstanding: number;
  slowInRow: number;
}

/**
 * Picks which of several peers to ask, each of which could answer, by the power of two choices: of two at random the one
 * with less latency, as measured here, times calls under way. (Mitzenmacher 2001; latency as in Finagle's peak
 * EWMA: worse is believed at once, better bit by bit, and what is old fades.) That alone shifts load away from slow peers and
 * never to one peer from all who pick.
 *
 * Outliers are ejected: peers that failed some times in a row, and those much slower than the others while there are
 * others. One call at a time finds out whether they may come back.
 */
export class PeerPicker {
  readonly #now: () => number;
  readonly #random: () => number;
  readonly #settings: PeerPickerSettings;
  /** The one asked last comes last. */
  readonly #peers = new Map<string, Peer>();

  constructor({ now, random, settings }: PeerPickerOptions) {
    this.#now = now;
    this.#random = random;
    this.#settings = { ...defaultPeerPickerSettings, ...settings };
  }

  /** Undefined when all are ejected and none is due for a try: nothing should be asked now. */
  pick(candidates: readonly string[]): PeerCall | undefined {
    const now = this.#now();
    const open: string[] = [];
    for (const name of candidates) {
      const breaker = this.#peers.get(name)?.breaker;
      if (breaker?.isDue(now)) return this.#call(name, candidates, now);
      if (!breaker?.isOpen) open.push(name);
    }
    const name = this.#choose(open, now);
    return name === undefined ? undefined : this.#call(name, candidates, now);
  }

  /** Whether it is left alone; who was when nobody asked for it any more stays so until it is asked for again. */
  isEjected(name: string): boolean {
    return this.#peers.get(name)?.breaker.isOpen === true;
  }

  /** Time until one of them may be asked, in ms; 0 when one may be now. */
  waitMs(candidates: readonly string[]): number {
    const now = this.#now();
    const waits = candidates.map((name) => this.#peers.get(name)?.breaker.waitMs(now) ?? 0);
    return candidates.length === 0 ? 0 : Math.min(...waits);
  }

  #choose(names: readonly string[], now: number): string | undefined {
    if (names.length < 2) return names[0];
    const first = Math.floor(this.#random() * names.length);
    const skipped = Math.floor(this.#random() * (names.length - 1));
    const one = names[first]!;
    const other = names[skipped < first ? skipped : skipped + 1]!;
    return this.#costOf(one, now) <= this.#costOf(other, now) ? one : other;
  }

  #costOf(name: string, now: number): number {
    const peer = this.#peers.get(name);
    if (peer === undefined) return 0;
    return Math.max(leastLatencyMs, this.#latencyOf(peer, now) ?? 0) * (peer.outstanding + 1);
  }

  #latencyOf({ latencyMs, measuredAt }: Peer, now: number): number | undefined {
    if (latencyMs === undefined) return undefined;
    return latencyMs * 0.5 ** ((now - measuredAt) / this.#settings.halfLifeMs);
  }

  #call(name: string, candidates: readonly string[], beganAt: number): PeerCall {
    const peer = this.#remember(name);
    peer.breaker.enter(beganAt);
    peer.outstanding += 1;
    let isOver = false;
    const end = (note: (now: number) => void) => {
      if (isOver) return;
      isOver = true;
      peer.outstanding -= 1;
      note(this.#now());
    };
    return {
      peer: name,
      succeeded: () =>
        end((now) => {
          const wasOut = peer.breaker.isOpen;
          peer.breaker.succeeded();
          // Of one that comes back, what was measured before no longer holds.
          if (wasOut && !peer.breaker.isOpen) peer.latencyMs = undefined;
          this.#measured(peer, now - beganAt, now);
          if (peer.breaker.isOpen) return;
          if (this.#isOutlier(peer, now - beganAt, name, candidates, now)) peer.breaker.open(now);
        }),
      failed: () =>
        end((now) => {
          this.#measured(peer, Math.max(now - beganAt, this.#settings.failureLatencyMs), now);
          peer.breaker.failed(now);
        }),
      abandoned: () =>
        end((now) => {
          const known = this.#latencyOf(peer, now) ?? 0;
          this.#measured(peer, Math.max(now - beganAt, known), now);
          peer.breaker.abandoned();
        }),
    };
  }

  #measured(peer: Peer, latencyMs: number, now: number): void {
    const before = this.#latencyOf(peer, now);
    const kept = 0.5 ** ((now - peer.measuredAt) / this.#settings.halfLifeMs);
    const weight = Math.max(0.1, 1 - kept);
    const mean = before === undefined ? latencyMs : before + (latencyMs - before) * weight;
    peer.latencyMs = before === undefined ? latencyMs : Math.max(latencyMs, mean);
    peer.measuredAt = now;
  }

  /** Never the last one that may be asked. */
  #isOutlier(
    peer: Peer,
    latencyMs: number,
    name: string,
    candidates: readonly string[],
    now: number,
  ): boolean {
    const { slowFactor, slowMinMs, slowMax } = this.#settings;
    let best = Number.POSITIVE_INFINITY;
    for (const other of candidates) {
      const known = other === name ? undefined : this.#peers.get(other);
      if (known === undefined || known.breaker.isOpen) continue;
      best = Math.min(best, this.#latencyOf(known, now) ?? best);
    }
    const isSlow = latencyMs >= slowMinMs && latencyMs > slowFactor * best;
    peer.slowInRow = isSlow ? peer.slowInRow + 1 : 0;
    if (peer.slowInRow < slowMax) return false;
    peer.slowInRow = 0;
    return true;
  }

  #remember(name: string): Peer {
    const { breaker, peersMax } = this.#settings;
    const known = this.#peers.get(name);
    const peer: Peer = known ?? {
      breaker: new CircuitBreaker(breaker),
      ...{ latencyMs: undefined, measuredAt: this.#now(), outstanding: 0, slowInRow: 0 },
    };
    this.#peers.delete(name);
    if (this.#peers.size >= peersMax) {
      const [oldest] = this.#peers.keys();
      if (oldest !== undefined) this.#peers.delete(oldest);
    }
    this.#peers.set(name, peer);
    return peer;
  }
}
