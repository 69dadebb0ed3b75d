import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { ClusterDeployment, runHunt } from '@hunt/cli/testing';
import { freePorts, type RunningPrometheus, startPrometheus } from '@hunt/services';
import type { ProvenCluster } from '../../proof/prove.ts';
import { chartPartitions, chartWorkloads, type Workload } from '../autoscaler/chart-workloads.ts';
import { type AskPrometheus, prometheusAt } from '../autoscaler/measured-readings.ts';
import { type RunningNode, ScaledRole } from './scaled-role.ts';

const lookEveryMs = 250;
const scrapeSeconds = 2;
const adviceTimeoutMs = 10_000;

/** Real servers, Prometheus, and the nodes of each role that are wanted at the moment. */
export class RehearsalCluster implements ProvenCluster {
  readonly kafka;
  readonly cassandra;
  readonly partitionCount: number;
  readonly dedupeWindow = 65_536;
  readonly replication = 1;
  readonly roles: readonly ScaledRole[];
  readonly ask: AskPrometheus;
  readonly #deployment: ClusterDeployment;
  readonly #prometheus: RunningPrometheus;
  readonly #targetsFile: string;
  #isStopped = false;

  private constructor(
    deployment: ClusterDeployment,
    prometheus: RunningPrometheus,
    targetsFile: string,
    onTrouble: (what: string) => void,
  ) {
    this.#deployment = deployment;
    this.#prometheus = prometheus;
    this.#targetsFile = targetsFile;
    this.kafka = deployment.kafka;
    this.cassandra = deployment.cassandra;
    this.partitionCount = chartPartitions();
    this.ask = prometheusAt(prometheus.address);
    this.roles = chartWorkloads().map(
      (workload) =>
        new ScaledRole({
          ...{ workload, onTrouble },
          start: (name) => this.#startNode(name, workload),
          onChange: () => this.#writeTargets(),
        }),
    );
  }

  /** Takes a minute or two; no node runs yet. */
  static async start(onTrouble: (what: string) => void): Promise<RehearsalCluster> {
    const deployment = await ClusterDeployment.start({
      ...{ partitions: chartPartitions(), identity: 'cassandra' },
    });
    const targetsFile = path.join(deployment.directory, 'prometheus-targets.json');
    try {
      writeFileSync(targetsFile, '[]');
      const prometheus = await startPrometheus({
        own: true,
        configYaml: prometheusConfig(targetsFile),
      });
      return new RehearsalCluster(deployment, prometheus, targetsFile, onTrouble);
    } catch (error) {
      await deployment.stop();
      throw error;
    }
  }

  /** As many of each role as it has at least; resolves when all are ready. */
  async startNodes(): Promise<void> {
    await Promise.all(this.roles.map((one) => one.begin(leastOf(one))));
  }

  role(name: string): ScaledRole {
    const found = this.roles.find(({ workload }) => workload.role === name);
    if (found === undefined) throw new Error(`the chart has no role ${name}`);
    return found;
  }

  get gatewayUrls(): string[] {
    return this.role('gateway').urls;
  }

  /** Once a gateway has been ready. */
  get organiserKey(): string {
    const file = path.join(this.#deployment.directory, 'shared', 'organiser.key');
    return readFileSync(file, 'utf8').trim();
  }

  /** What the leader advises, as people and scripts ask for it. */
  readonly advice = async (): Promise<string> => {
    const { file } = this.#deployment;
    const signal = AbortSignal.timeout(adviceTimeoutMs);
    const asked = ['cluster', 'scale', '--json', '--cluster', file];
    const { code, output, errors } = await runHunt(asked, {}, signal);
    if (code !== 0) throw new Error(errors);
    return output;
  };

  async #startNode(
    name: string,
    { role, requestedCores, startMs }: Workload,
  ): Promise<RunningNode> {
    const [port] = await freePorts(1);
    const address = `127.0.0.1:${port}`;
    const process = await this.#deployment.node(name, ['--roles', role], {
      address,
      // What a pod asks for is what it may count on, not the whole machine.
      environment: { HUNT_NODE_CORES: `${requestedCores}` },
    });
    const ready = async () => {
      const { url } = await process.ready(startMs);
      await process.until(
        () => isReady(address) || this.#isStopped,
        'is ready at its address',
        startMs,
      );
      return url;
    };
    return { process, address, ready: ready() };
  }

  /** Prometheus notices a changed file by itself. */
  #writeTargets(): void {
    if (this.#isStopped) return;
    const targets = this.roles.flatMap(({ addresses, workload: { role } }) =>
      [...addresses].map(([pod, address]) => ({ targets: [address], labels: { role, pod } })),
    );
    const made = `${this.#targetsFile}.new`;
    writeFileSync(made, JSON.stringify(targets));
    renameSync(made, this.#targetsFile);
  }

  /** Ends all and removes their data. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    await this.#prometheus.stop();
    await this.#deployment.stop();
  }
}

function leastOf({ workload: { policy, replicas } }: ScaledRole): number {
  return policy?.min ?? replicas;
}

async function isReady(address: string): Promise<boolean> {
  await pause(lookEveryMs);
  return fetch(`http://${address}/readyz`, { signal: AbortSignal.timeout(2_000) }).then(
    async (response) => {
      await response.arrayBuffer();
      return response.ok;
    },
    () => false,
  );
}

function prometheusConfig(targetsFile: string): string {
  return JSON.stringify({
    global: { scrape_interval: `${scrapeSeconds}s` },
    scrape_configs: [
      { job_name: 'hunt', file_sd_configs: [{ files: [targetsFile], refresh_interval: '1s' }] },
    ],
  });
}
