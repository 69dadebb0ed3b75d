import { type ClusterConfig, readClusterConfig } from '@hunt/engine/cluster';
import { parseArguments } from '../../packages/cli/src/arguments/parse.ts';
import { serveCommand } from '../../packages/cli/src/serve/serve-command.ts';

/** What `hunt ARGUMENTS` would start with this cluster file, as the command itself reads both; starts nothing. */
export async function nodeOf(
  [verb, ...line]: readonly string[],
  clusterFile: string,
): Promise<ClusterConfig & { readonly port: number; readonly hunts: readonly string[] }> {
  if (verb !== 'serve') throw new Error(`"${verb}" is not serve`);
  const { flags } = await parseArguments(serveCommand, line);
  const { node, address, zone } = flags;
  const overrides = { node, address, zone, roles: flags.roles?.split(',') };
  const config = await readClusterConfig(clusterFile, overrides);
  return { ...config, port: flags.port, hunts: flags.hunt };
}
