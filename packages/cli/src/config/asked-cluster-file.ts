import type { ResolvedConfig } from 'veltrix/config';
import { clusterSets } from './asked-settings.ts';

interface Asked {
  readonly cluster: string | undefined;
  readonly node: string | undefined;
  readonly role: string | undefined;
  readonly set: readonly string[];
  readonly env: Readonly<Record<string, string | undefined>>;
}

/**
 * What the cluster file says, or, without one, variables and flags alone; to be shown: what has to be given may be missing. Throws
 * `engine-cluster-config-invalid`, `engine-cluster-config-unknown`, `engine-cluster-secret-plain`.
 */
export async function shownClusterFile({
  cluster,
  node,
  role,
  set,
  env,
}: Asked): Promise<ResolvedConfig> {
  const { clusterFlagLayer, clusterProblem, clusterSchema, resolveClusterFile } = await import(
    '@hunt/engine/cluster-settings'
  );
  const { assertNoProblems, environmentLayer, resolveConfig } = await import('veltrix/config');
  const sets = await clusterSets(set);
  if (cluster === undefined) {
    const resolved = resolveConfig(clusterSchema, [
      environmentLayer(clusterSchema, env),
      clusterFlagLayer(sets),
    ]);
    assertNoProblems(resolved.problems);
    return resolved;
  }
  const overrides = {
    ...{ node, set: sets },
    ...(role === undefined ? {} : { roles: [role] }),
  };
  const resolved = await resolveClusterFile({ file: cluster, overrides, env, isShown: true });
  assertNoProblems(resolved.problems.map((problem) => clusterProblem(problem, cluster)));
  return resolved;
}
