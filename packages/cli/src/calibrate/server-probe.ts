import { readFileSync } from 'node:fs';
import { type Look, lookAt } from '@hunt/engine/diagnosis';
import { cliErrors } from '../errors.ts';
import { type ThreadSeconds, threadSeconds } from './thread-seconds.ts';

/** Looks at what a server process of our own uses. */
export class ServerProbe {
  readonly #pid: number;
  readonly #url: string;

  constructor(pid: number, url: string) {
    this.#pid = pid;
    this.#url = url;
  }

  /** Throws sizing-calibration-unsupported. */
  threads(): ThreadSeconds {
    return threadSeconds(this.#pid);
  }

  /** Resident memory now. */
  residentBytes(): number {
    const status = readFileSync(`/proc/${this.#pid}/status`, 'utf8');
    return Number(/^VmRSS:\s+(\d+) kB/m.exec(status)?.[1] ?? 0) * 1_024;
  }

  /** Made durable since the process began. Throws cli-nothing-measured. */
  async loggedBytes(): Promise<number> {
    return this.#sum('hunt_processor_log_synced_bytes_total');
  }

  /** State of all partitions in memory. Throws cli-nothing-measured. */
  async stateBytes(): Promise<number> {
    return this.#sum('hunt_processor_state_bytes');
  }

  async #sum(metric: Parameters<Look['page']['get']>[0]): Promise<number> {
    const look = await lookAt({ url: this.#url });
    if (typeof look === 'string') {
      throw cliErrors.create('cli-nothing-measured', { reasons: `${this.#url}: ${look}` });
    }
    return (look.page.get(metric) ?? []).reduce((sum, { value }) => sum + value, 0);
  }
}
