/** What a process of a cluster may do; each may run as often as wanted. */
export const clusterRoles = ['gateway', 'processor', 'views', 'archiver', 'coordinator'] as const;
export type ClusterRole = (typeof clusterRoles)[number];
