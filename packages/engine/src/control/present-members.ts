import { type Clock, veltrixErrors } from 'veltrix';
import type { Coordinator, Member } from 'veltrix/cluster';

interface Seen {
  readonly members: readonly Member[];
  /** Entries that could not be read, and why. */
  readonly problems: readonly Error[];
}

export interface PresentMembersOptions {
  readonly coordinator: Coordinator;
  readonly clock: Clock;
  /** For messages. */
  readonly place: string;
  readonly answerTimeoutMs: number;
}

/** Who is there, kept up to date by one watch: each that is begun anew would stay with the service. */
export class PresentMembers {
  readonly #options: PresentMembersOptions;
  #stop: (() => void) | undefined;
  #seen: Seen | undefined;
  #unread: Error[] = [];
  readonly #waiting = new Set<(seen: Seen) => void>();

  constructor(options: PresentMembersOptions) {
    this.#options = options;
  }

  /** Rejects with `veltrix-coordination-unavailable` when nothing was heard in time. */
  read(): Promise<Seen> {
    this.#stop ??= this.#options.coordinator.watchMembers({
      changed: (members) => this.#changed(members),
      // Told before the members that can be read.
      problem: (error) => this.#unread.push(error),
    });
    if (this.#seen) return Promise.resolve(this.#seen);
    const { clock, answerTimeoutMs, place } = this.#options;
    return new Promise((resolve, reject) => {
      const answer = (seen: Seen) => {
        cancel();
        resolve(seen);
      };
      const cancel = clock.after(answerTimeoutMs, () => {
        this.#waiting.delete(answer);
        reject(veltrixErrors.create('veltrix-coordination-unavailable', { place }));
      });
      this.#waiting.add(answer);
    });
  }

  #changed(members: readonly Member[]): void {
    this.#seen = { members, problems: this.#unread };
    this.#unread = [];
    for (const answer of this.#waiting) answer(this.#seen);
    this.#waiting.clear();
  }

  stop(): void {
    this.#stop?.();
  }
}
