import path from 'node:path';
import type { PreflightReport } from '@hunt/engine/preflight';
import type { Layer } from 'veltrix/config';
import { defineCommand } from '../arguments/command.ts';
import { switchFlag, textFlag, textFlagOr } from '../arguments/flag.ts';
import {
  askedLayers,
  clusterSets,
  settingsFlags,
  settingsLayers,
} from '../config/asked-settings.ts';
import type { Terminal } from '../terminal/terminal.ts';
import { preflightExitCode } from './preflight-exit-code.ts';
import { preflightLines } from './preflight-lines.ts';

/** For each server. */
const timeoutMs = 5_000;

export const preflightCommand = defineCommand({
  name: 'preflight',
  summary: 'Finds settings, machine and servers that do not fit together',
  flags: {
    cluster: textFlag(
      'FILE',
      'As a node of the cluster that the file describes; asks its servers.',
    ),
    node: textFlag(
      'NAME',
      'With --cluster: the name of the node, in place of the one in the file.',
    ),
    address: textFlag('HOST:PORT', 'With --cluster: where other nodes ask the node.'),
    data: textFlagOr('DIR', 'Without --cluster: the data directory; need not be there.', 'data'),
    ...settingsFlags,
    json: switchFlag('One JSON object: {findings, checked, unasked}.'),
  },
  notes: [
    'Nothing is changed, neither here nor on a server. Every start does the same with what it is started with.',
    'Exits with 1 when something keeps a process from starting, else with 69 when something could not be asked, else with 4 when there are warnings.',
  ],
  async run({ flags, terminal }) {
    const { cluster } = flags;
    const report =
      cluster === undefined
        ? await ofProcess(flags, terminal)
        : await ofCluster({ ...flags, cluster }, terminal);
    if (flags.json) terminal.out(`${JSON.stringify(report)}\n`);
    else terminal.out(preflightLines(report, terminal));
    return preflightExitCode(report);
  },
});

interface Flags {
  readonly data: string;
  readonly node: string | undefined;
  readonly address: string | undefined;
  readonly config: string | undefined;
  readonly set: readonly string[];
}

async function ofProcess(
  { data, config, set }: Flags,
  { env }: Terminal,
): Promise<PreflightReport> {
  const { allRules, preflightProcess } = await import('@hunt/engine/preflight');
  const { engineSchema } = await import('@hunt/engine');
  const { ConfigKeeper } = await import('veltrix/config');
  const layers = await settingsLayers({ config, set }, env);
  const asker = { roles: engineSchema.roles };
  const settings = new ConfigKeeper({ schema: engineSchema, layers, asker });
  return preflightProcess({ settings, directory: path.resolve(data) }, allRules);
}

async function ofCluster(
  { cluster, node, address, ...flags }: Flags & { readonly cluster: string },
  { env }: Terminal,
): Promise<PreflightReport> {
  const { preflightCluster } = await import('@hunt/engine/preflight');
  const { readClusterConfig } = await import('@hunt/engine/cluster');
  const { engineSchema } = await import('@hunt/engine');
  const { ConfigKeeper } = await import('veltrix/config');
  const config = await readClusterConfig(cluster, {
    ...{ node, address, set: await clusterSets(flags.set) },
  });
  const layers = await nodeLayers({ ...flags, cluster, node, address }, env);
  const asker = { roles: config.roles, node: config.node };
  const settings = new ConfigKeeper({ schema: engineSchema, layers, asker });
  return preflightCluster({ config, settings, timeoutMs });
}

/** With what the cluster keeps, where it can be asked; where not, the report says so of ZooKeeper itself. */
async function nodeLayers(
  sources: Parameters<typeof askedLayers>[0],
  env: Terminal['env'],
): Promise<Layer[]> {
  try {
    return await askedLayers(sources, env);
  } catch (error) {
    const { id = '' } = error as { readonly id?: string };
    if (!/^veltrix-(coordination|level)-/.test(id)) throw error;
    return settingsLayers(sources, env);
  }
}
