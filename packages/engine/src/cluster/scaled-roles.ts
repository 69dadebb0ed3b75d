import type { ClusterRole } from './cluster-roles.ts';

/** More of them than anybody runs. */
const gatewaysMax = 1_000;

/** Roles whose number follows the load, with the most nodes that each has any use for. */
export function scaledRoles(partitionCount: number): ReadonlyMap<ClusterRole, number> {
  return new Map<ClusterRole, number>([
    ['gateway', gatewaysMax],
    ['processor', partitionCount],
    ['views', partitionCount],
    ['archiver', partitionCount],
  ]);
}
