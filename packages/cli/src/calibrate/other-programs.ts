import { cpus } from 'node:os';
import type { ServerProbe } from './server-probe.ts';

/** How much of the cores is used by programs that have nothing to do with a calibration. */
export class OtherPrograms {
  readonly #probe: Pick<ServerProbe, 'threads'>;
  readonly #before: { readonly all: number; readonly busy: number; readonly ours: number };

  /** Counts from now on. */
  constructor(probe: Pick<ServerProbe, 'threads'>) {
    this.#probe = probe;
    this.#before = this.#now();
  }

  /** Share of all cores since it was made, 0 to 1. */
  share(): number {
    const now = this.#now();
    const all = now.all - this.#before.all;
    const others = now.busy - this.#before.busy - (now.ours - this.#before.ours);
    return all <= 0 ? 0 : Math.min(1, Math.max(0, others / all));
  }

  /** Seconds: of all cores, those that worked, those that worked for us. */
  #now() {
    let [all, idle] = [0, 0];
    for (const { times } of cpus()) {
      all += times.user + times.nice + times.sys + times.irq + times.idle;
      idle += times.idle;
    }
    const { main, fold, archive, helpers } = this.#probe.threads();
    const { user, system } = process.cpuUsage();
    const ours = main + fold + archive + helpers + (user + system) / 1e6;
    return { all: all / 1_000, busy: (all - idle) / 1_000, ours };
  }
}
