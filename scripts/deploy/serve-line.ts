import { type ClusterConfig, readClusterConfig } from '@hunt/engine/cluster';
import { parseArguments } from '../../packages/cli/src/arguments/parse.ts';
import { serveCommand } from '../../packages/cli/src/serve/serve-command.ts';

/**
 * What `hunt ARGUMENTS` would start with this cluster file and these variables, as the command itself reads all of them;
 * starts nothing. Calls with variables do not overlap with others: they are those of this process meanwhile.
 */
export async function nodeOf(
  [verb, ...line]: readonly string[],
  clusterFile: string,
  variables: Readonly<Record<string, string>> = {},
): Promise<ClusterConfig & { readonly port: number; readonly hunts: readonly string[] }> {
  if (verb !== 'serve') throw new Error(`"${verb}" is not serve`);
  const { flags } = await parseArguments(serveCommand, line);
  const { node, address, zone } = flags;
  const overrides = { node, address, zone, roles: flags.roles?.split(',') };
  const names = Object.keys(variables);
  Object.assign(process.env, variables);
  const config = await readClusterConfig(clusterFile, overrides).finally(() => {
    for (const name of names) delete process.env[name];
  });
  return { ...config, port: flags.port, hunts: flags.hunt };
}
