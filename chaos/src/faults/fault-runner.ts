import { setTimeout as pause } from 'node:timers/promises';
import type { ChaosCluster } from '../cluster/chaos-cluster.ts';
import { describe, inject } from './fault-injector.ts';
import type { Fault } from './fault-plan.ts';

/** A fault that was done, with its times in milliseconds since the epoch. */
export interface DoneFault {
  readonly what: string;
  readonly from: number;
  /** When all it had broken worked again. */
  to: number | undefined;
}

const atOnceMax = 3;

/** Does faults one after the other, some on top of each other, never two on the same part. */
export class FaultRunner {
  readonly done: DoneFault[] = [];
  readonly #cluster: ChaosCluster;
  readonly #onFault: (what: string) => void;
  readonly #active = new Map<Fault, Promise<void>>();

  constructor(cluster: ChaosCluster, onFault: (what: string) => void) {
    this.#cluster = cluster;
    this.#onFault = onFault;
  }

  /** Until the signal; resolves when the last fault is healed. Rejects when one cannot be done or healed. */
  async run(faults: Iterable<Fault>, signal: AbortSignal): Promise<void> {
    const failure = new AbortController();
    const over = AbortSignal.any([signal, failure.signal]);
    for (const fault of faults) {
      await pause(fault.afterMs, undefined, { signal: over }).catch(() => {});
      while (!over.aborted && this.#mustWait(fault)) await Promise.race(this.#active.values());
      if (over.aborted) break;
      const lasted = Promise.withResolvers<void>();
      const active = this.#do(fault, lasted.resolve, over)
        .catch((error: Error) => {
          const message = `${describe(fault)} could not be done or healed: ${error.message}`;
          failure.abort(new Error(message, { cause: error }));
        })
        .finally(() => {
          this.#active.delete(fault);
          lasted.resolve();
        });
      this.#active.set(fault, active);
      if (!fault.overlaps) await lasted.promise;
    }
    await Promise.all(this.#active.values());
    failure.signal.throwIfAborted();
  }

  #mustWait({ parts }: Fault): boolean {
    const active = [...this.#active.keys()];
    if (active.length >= atOnceMax) return true;
    return active.some((other) => other.parts.some((part) => parts.includes(part)));
  }

  /** @param onLasted called when it is being healed, which may take long: a server has to start. */
  async #do(fault: Fault, onLasted: () => void, signal: AbortSignal): Promise<void> {
    const what = describe(fault);
    const done: DoneFault = { what, from: Date.now(), to: undefined };
    this.done.push(done);
    this.#onFault(`${what} for ${(fault.forMs / 1_000).toFixed(1)} s`);
    const heal = await inject(this.#cluster, fault);
    await pause(fault.forMs, undefined, { signal }).catch(() => {});
    onLasted();
    await heal();
    done.to = Date.now();
  }
}
