import type { ClusterProcess } from '@hunt/cli/testing';
import type { Replica } from '../autoscaler/autoscaler.ts';
import type { Workload } from '../autoscaler/chart-workloads.ts';
import { cpuWindowMs } from '../autoscaler/measured-readings.ts';

/** A node that was started for a role. */
export interface RunningNode {
  readonly process: ClusterProcess;
  /** `host:port` where it tells its metrics and whether it is ready. */
  readonly address: string;
  /** Resolves with where players ask it, empty when they do not; rejects when it is not ready in time. */
  readonly ready: Promise<string>;
}

export interface ScaledRoleOptions {
  readonly workload: Workload;
  readonly start: (name: string) => Promise<RunningNode>;
  /** Called after every change of what runs or is ready. */
  readonly onChange: () => void;
  /** Something that must not be. */
  readonly onTrouble: (what: string) => void;
}

interface OwnReplica extends RunningNode {
  readonly name: string;
  url: string | undefined;
  readyAt: number;
}

/** The nodes of one role: started and stopped one by one, as a Deployment or a StatefulSet does it. */
export class ScaledRole {
  readonly workload: Workload;
  /** How many were started and stopped since the first ones. */
  readonly counts = { up: 0, down: 0, least: 0, most: 0, longestStopMs: 0 };
  readonly #options: ScaledRoleOptions;
  #replicas: OwnReplica[] = [];
  /** By name: those that are being stopped; a name is not given again before its node has ended. */
  readonly #stopping = new Map<
    string,
    { readonly node: OwnReplica; readonly over: Promise<void> }
  >();
  #named = 0;

  constructor(options: ScaledRoleOptions) {
    this.#options = options;
    this.workload = options.workload;
  }

  /** Those that are wanted. A node is ready once its processor time is of its work, not of its start. */
  get replicas(): readonly Replica[] {
    const now = performance.now();
    return this.#replicas.map(({ name, readyAt }) => ({
      name,
      isReady: now - readyAt > cpuWindowMs,
    }));
  }

  /** Where players are sent: ready, and not about to stop. */
  get urls(): string[] {
    return this.#replicas.flatMap(({ url }) => (url ? [url] : []));
  }

  /** All that run, by name, with where they tell metrics. */
  get addresses(): ReadonlyMap<string, string> {
    const stopping = [...this.#stopping.values()].map(({ node }) => node);
    return new Map([...this.#replicas, ...stopping].map(({ name, address }) => [name, address]));
  }

  /** Resolves once the first ones are ready. */
  async begin(count: number): Promise<void> {
    for (let left = count; left > 0; left--) await this.#add();
    await Promise.all(this.#replicas.map(({ ready }) => ready));
    Object.assign(this.counts, { least: count, most: count });
  }

  /** Starts, or asks to stop, as many as it takes; does not wait until that is done. */
  async scaleTo(wanted: number): Promise<void> {
    while (this.#replicas.length < wanted) {
      this.counts.up += 1;
      await this.#add();
    }
    while (this.#replicas.length > wanted) {
      this.counts.down += 1;
      this.#stopLast();
    }
    this.counts.least = Math.min(this.counts.least, wanted);
    this.counts.most = Math.max(this.counts.most, wanted);
  }

  async #add(): Promise<void> {
    const { role, keepsNames } = this.workload;
    const name = `${role}-${keepsNames ? this.#replicas.length : this.#named++}`;
    await this.#stopping.get(name)?.over;
    const node: OwnReplica = {
      ...(await this.#options.start(name)),
      ...{ name, url: undefined, readyAt: Number.POSITIVE_INFINITY },
    };
    this.#replicas.push(node);
    this.#options.onChange();
    node.ready.then(
      (url) => {
        Object.assign(node, { url, readyAt: performance.now() });
        this.#options.onChange();
      },
      (error: Error) => {
        if (this.#replicas.includes(node)) this.#options.onTrouble(error.message);
      },
    );
  }

  #stopLast(): void {
    const node = this.#replicas.pop()!;
    const over = this.#stop(node).finally(() => {
      this.#stopping.delete(node.name);
      this.#options.onChange();
    });
    this.#stopping.set(node.name, { node, over });
    this.#options.onChange();
  }

  async #stop({ process, name }: OwnReplica): Promise<void> {
    const { preStopMs, graceMs } = this.workload;
    const from = performance.now();
    let isLate = false;
    const late = setTimeout(() => {
      isLate = true;
      void process.kill('SIGKILL');
    }, graceMs);
    await new Promise((resolve) => setTimeout(resolve, preStopMs));
    await process.kill('SIGTERM');
    clearTimeout(late);
    if (isLate) this.#options.onTrouble(`${name} had not stopped after ${graceMs / 1_000} s`);
    const { counts } = this;
    counts.longestStopMs = Math.max(counts.longestStopMs, Math.round(performance.now() - from));
  }

  /** Takes away what ended without being asked to; the autoscaler then misses it. */
  look(): void {
    const ended = this.#replicas.filter(({ process }) => process.exited);
    if (ended.length === 0) return;
    this.#replicas = this.#replicas.filter((one) => !ended.includes(one));
    for (const { name, process } of ended) {
      this.#options.onTrouble(`${name} ended by itself: ${process.log.slice(-2_000)}`);
    }
    this.#options.onChange();
  }

  /** Resolves when nothing is being started or stopped any more. */
  async settled(): Promise<void> {
    await Promise.allSettled(this.#replicas.map(({ ready }) => ready));
    while (this.#stopping.size > 0) {
      await Promise.all([...this.#stopping.values()].map(({ over }) => over));
    }
  }
}
