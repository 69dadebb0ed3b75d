import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { givenAddresses, requirePrograms } from '../availability.ts';
import { givenServers, type RunningServers, startedServers } from '../run/running-servers.ts';
import { type GroupPlan, ServerGroup } from '../run/server-group.ts';

/** Debian 12's. */
export const prometheusVersion = '2.42.0';

/** Scrapes itself: something to ask for. */
const prometheusConfig = `global:
  scrape_interval: 5s
scrape_configs:
  - job_name: prometheus
    static_configs:
      - targets: ["localhost:9090"]
`;

export interface PrometheusOptions {
  /** Content of prometheus.yml; one that scrapes nothing but itself unless set. */
  readonly configYaml?: string;
  /** Always start one of our own, also where the environment gives an address. */
  readonly own?: boolean;
}

export interface RunningPrometheus extends RunningServers {
  /** `host:port` of its HTTP API. */
  readonly address: string;
}

/**
 * Starts Prometheus on loopback and waits until it says that it is ready. It ends, with all its
 * data, by `stop()` or with this process. With HUNT_PROMETHEUS set, that one is used instead.
 */
export async function startPrometheus(options: PrometheusOptions = {}): Promise<RunningPrometheus> {
  const given = options.own === true ? undefined : givenAddresses('prometheus');
  if (given !== undefined) {
    const servers = await givenServers('prometheus', given, probePrometheus);
    return Object.assign(servers, { address: given[0] ?? '' });
  }
  const group = await startPrometheusGroup(options);
  return Object.assign(startedServers(group), { address: group.addresses[0] ?? '' });
}

export async function startPrometheusGroup(options: PrometheusOptions): Promise<ServerGroup> {
  requirePrograms('prometheus');
  return ServerGroup.start('prometheus', 1, (directory, [port = 0]) =>
    planPrometheus(directory, port, options),
  );
}

async function planPrometheus(
  directory: string,
  port: number,
  { configYaml }: PrometheusOptions,
): Promise<GroupPlan> {
  const address = `127.0.0.1:${port}`;
  const config = path.join(directory, 'prometheus.yml');
  await writeFile(config, configYaml ?? prometheusConfig.replace('localhost:9090', address));
  return {
    addresses: [address],
    servers: [
      {
        name: 'prometheus',
        program: 'prometheus',
        args: [
          `--config.file=${config}`,
          `--storage.tsdb.path=${path.join(directory, 'data')}`,
          `--web.listen-address=${address}`,
          '--web.enable-lifecycle',
          '--log.level=warn',
        ],
        probe: (signal) => probePrometheus(address, signal),
        readyTimeoutMs: 60_000,
        stopTimeoutMs: 2_000,
      },
    ],
  };
}

/** Rejects until it says that it is ready to take queries. */
export async function probePrometheus(address: string, signal: AbortSignal): Promise<void> {
  const answer = await fetch(`http://${address}/-/ready`, { signal });
  const text = await answer.text();
  if (!answer.ok) throw new Error(`${address} answers ${answer.status}: ${text.trim()}`);
}
