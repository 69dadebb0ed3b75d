import type { ResolvedConfig } from 'veltrix/config';

interface Asked {
  readonly cluster: string | undefined;
  readonly node: string | undefined;
  readonly role: string | undefined;
  readonly env: Readonly<Record<string, string | undefined>>;
}

/**
 * What the cluster file says, or, without one, variables alone; to be shown: what has to be given may be missing. Throws
 * `engine-cluster-config-invalid`, `engine-cluster-config-unknown`, `engine-cluster-secret-plain`.
 */
export async function shownClusterFile({
  cluster,
  node,
  role,
  env,
}: Asked): Promise<ResolvedConfig> {
  const { clusterProblem, clusterSchema, resolveClusterFile } = await import(
    '@hunt/engine/cluster-settings'
  );
  const { assertNoProblems, environmentLayer, resolveConfig } = await import('veltrix/config');
  if (cluster === undefined) {
    const resolved = resolveConfig(clusterSchema, [environmentLayer(clusterSchema, env)]);
    assertNoProblems(resolved.problems);
    return resolved;
  }
  const overrides = { node, ...(role === undefined ? {} : { roles: [role] }) };
  const resolved = await resolveClusterFile({ file: cluster, overrides, env, isShown: true });
  assertNoProblems(resolved.problems.map((problem) => clusterProblem(problem, cluster)));
  return resolved;
}
