import type { Cause } from '../cause.ts';
import type { ProcessFacts } from '../process-facts.ts';

/** A step of the way to encryption that was not gone. */
export const encryptionCauses: readonly Cause[] = [
  {
    id: 'nodes-accept-plain',
    title: 'Nodes that encrypt take connections in plain, too',
    looksLike: 'A node runs with nodes.tls.mode accept.',
    helps:
      'The last step of docs/security.md: nodes.tls.mode require, on one node after the other.',
    effect: 'threatens',
    // Who shows none of it is no node of a cluster, or of an older release.
    needs: [],
    explains: [],
    page: 'docs/security.md',
    *judge({ processes, isWhole }) {
      const accepting = processes.filter((process) => isAt(process, 'accept'));
      if (accepting.length === 0) return;
      const plain = accepting.reduce((sum, process) => sum + plainConnections(process), 0);
      const isReady = isWhole && processes.every(takesEncrypted);
      yield {
        confidence: 0.5,
        where: accepting.map(({ name }) => name).join(', '),
        evidence: [
          {
            metric: 'hunt_node_encryption_state',
            says: `${accepting.length} of ${processes.length} processes seen accept both`,
          },
          {
            metric: 'hunt_node_connections_total',
            says: `nodes have asked them over ${plain} connections in plain since they started`,
          },
        ],
        helps: isReady
          ? 'Set nodes.tls.mode to require, on one node after the other: each of them takes encrypted connections.'
          : 'Bring all nodes to this release and nodes.tls.mode accept, and to require then only: docs/security.md has the steps.',
        settings: [],
      };
    },
  },
];

function isAt(process: ProcessFacts, mode: 'accept' | 'require'): boolean {
  return process.most('hunt_node_encryption_state', { mode }) === 1;
}

/** As it says itself: a release that is older than the metric may do without. */
function takesEncrypted(process: ProcessFacts): boolean {
  return isAt(process, 'accept') || isAt(process, 'require');
}

function plainConnections(process: ProcessFacts): number {
  return process.most('hunt_node_connections_total', { encryption: 'plain' }) ?? 0;
}
