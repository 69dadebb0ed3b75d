import { type Engine, engineSchema } from '@hunt/engine';
import { type ClusterNodeOptions, readClusterConfig, startClusterNode } from '@hunt/engine/cluster';
import { ConfigKeeper, type Layer } from 'veltrix/config';
import { clusterSets } from '../config/asked-settings.ts';
import { release } from './release.ts';

interface NodeFlags {
  readonly cluster: string;
  readonly node: string | undefined;
  readonly address: string | undefined;
  readonly zone: string | undefined;
  readonly roles: string | undefined;
  readonly set: readonly string[];
}

/** Starts a node of a cluster. Ends the process when it is asked to while servers are waited for. */
export async function startNode(
  { cluster, node, address, zone, roles, set }: NodeFlags,
  signal: AbortSignal,
  options: Omit<ClusterNodeOptions, 'config' | 'release' | 'signal' | 'settings'> & {
    readonly layers: readonly Layer[];
  },
): Promise<Engine> {
  const config = await readClusterConfig(cluster, {
    ...{ node, address, zone },
    roles: roles?.split(','),
    set: await clusterSets(set),
  });
  const { layers, ...others } = options;
  const asker = { roles: config.roles, node: config.node };
  const settings = new ConfigKeeper({ schema: engineSchema, layers, asker });
  return startClusterNode({ ...others, settings, config, signal, release });
}

/** What is said once the node takes requests. */
export function nodeLines(url: string, organiserKeyFile: string): string {
  const place = url === '' ? 'The node runs without a gateway.' : `API and pages: ${url}`;
  return `${place}\nOrganiser key: ${organiserKeyFile}\nCtrl-C stops the node; others take over.\n`;
}
