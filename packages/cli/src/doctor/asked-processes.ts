import type { ClusterStatus, NodeStatus, NodeTrust } from '@hunt/engine/control';
import type { Unread, WatchedProcess } from '@hunt/engine/diagnosis';
import { textFlag, textsFlag } from '../arguments/flag.ts';
import { askCluster } from '../cluster/asked-cluster.ts';
import { cliErrors } from '../errors.ts';

/** Which processes to look at; one of the two is to be given. */
export const processFlags = {
  target: textsFlag(
    'URL',
    'A gateway, or the address of a node of a cluster; may be given several times.',
  ),
  cluster: textFlag('FILE', 'All nodes that ZooKeeper knows of, by the cluster file.'),
};

interface Asked {
  readonly command: string;
  readonly target: readonly string[];
  readonly cluster: string | undefined;
}

export interface AskedProcesses {
  readonly processes: readonly WatchedProcess[];
  /** Nodes that are named and not there. */
  readonly gone: readonly Unread[];
  /** Whether the coordination knows of no others; of those that somebody named nobody knows. */
  readonly areAll: boolean;
}

/**
 * Throws `cli-flags-conflict`, `cli-flag-missing`, `cli-flag-value-invalid`, and what asking the cluster does.
 */
export async function askedProcesses({ command, target, cluster }: Asked): Promise<AskedProcesses> {
  if (cluster === undefined) {
    if (target.length === 0) {
      throw cliErrors.create('cli-flag-missing', {
        ...{ command, flag: '--target URL or --cluster FILE' },
      });
    }
    return { processes: [...new Set(target)].map(processAt), gone: [], areAll: false };
  }
  if (target.length > 0) {
    throw cliErrors.create('cli-flags-conflict', { flag: '--target', other: '--cluster' });
  }
  const { readNodeTrust } = await import('@hunt/engine/control');
  const trust = await readNodeTrust(cluster);
  return askCluster({ file: cluster, writes: false }, async (control) =>
    processesOf(await control.status(), trust),
  );
}

/**
 * Nodes that are registered are asked, also those that do not report: that they do not answer is worth knowing.
 *
 * @param trust undefined where nodes do not encrypt
 */
export function processesOf(
  { nodes }: Pick<ClusterStatus, 'nodes'>,
  trust?: NodeTrust,
): AskedProcesses {
  const isGone = ({ health }: NodeStatus) => health === 'gone';
  return {
    processes: nodes
      .filter((node) => !isGone(node))
      .map(({ node, address, encryption }) => {
        // A release that does not say is set as the file is, which one that accepts both has only just become.
        const encrypts = encryption === null ? trust?.mode === 'require' : encryption !== 'off';
        return encrypts && trust
          ? { name: node, url: `https://${address}`, tls: trust.tls }
          : { name: node, url: `http://${address}` };
      }),
    gone: nodes.filter(isGone).map(({ node }) => ({
      what: node,
      reason: 'it has partitions or a wish of an operator, and is gone',
    })),
    areAll: true,
  };
}

function processAt(text: string): WatchedProcess {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || !/^https?:$/.test(url.protocol)) {
    throw cliErrors.create('cli-flag-value-invalid', {
      ...{ flag: '--target', expected: 'an address as http://127.0.0.1:8080', found: text },
    });
  }
  return { name: url.host, url: url.href };
}

/** Where nothing can be said. */
export function nothingMeasured(unread: readonly Unread[]): Error {
  const reasons = unread.map(({ what, reason }) => `${what}: ${reason}`);
  const said = reasons.length === 0 ? 'there is no node' : reasons.slice(0, 3).join('; ');
  return cliErrors.create('cli-nothing-measured', { reasons: said });
}
