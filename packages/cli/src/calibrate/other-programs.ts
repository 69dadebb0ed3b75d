import { cpus } from 'node:os';
import type { ServerProbe } from './server-probe.ts';

/** How much of the cores is used by programs that have nothing to do with a calibration. */
export class OtherPrograms {
  #all = 0;
  #others = 0;

  /** Counts while the task runs, which uses this process and that server. */
  async during<Result>(
    probe: Pick<ServerProbe, 'threads'>,
    task: () => Promise<Result>,
  ): Promise<Result> {
    const before = secondsOf(probe);
    const result = await task();
    const now = secondsOf(probe);
    this.#all += now.all - before.all;
    this.#others += now.busy - before.busy - (now.ours - before.ours);
    return result;
  }

  /** Share of all cores while it counted, 0 to 1. */
  share(): number {
    return this.#all <= 0 ? 0 : Math.min(1, Math.max(0, this.#others / this.#all));
  }
}

/** Of all cores, those that worked, those that worked for us. */
function secondsOf(probe: Pick<ServerProbe, 'threads'>) {
  let [all, idle] = [0, 0];
  for (const { times } of cpus()) {
    all += times.user + times.nice + times.sys + times.irq + times.idle;
    idle += times.idle;
  }
  const { main, fold, archive, helpers } = probe.threads();
  const { user, system } = process.cpuUsage();
  const ours = main + fold + archive + helpers + (user + system) / 1e6;
  return { all: all / 1_000, busy: (all - idle) / 1_000, ours };
}
