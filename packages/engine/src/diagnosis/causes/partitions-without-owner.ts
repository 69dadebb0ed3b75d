import { type Cause, type Evidence, seenElsewhere } from '../cause.ts';
import { type PartitionOwners, partitionOwners } from './partition-owners.ts';

const namedMost = 8;

/** Commands of some partitions are taken, and nobody decides them. */
export const partitionsWithoutOwner: Cause = {
  id: 'partitions-without-owner',
  title: 'Partitions have no owner',
  looksLike:
    'All nodes that are to own partitions answer, and together they own fewer than there are; or the assignment gives partitions to nobody, or to a node that answers and does not own them, whoever else was read.',
  helps: 'A node with the role processor; hunt cluster status says who is there and who leads.',
  effect: 'stops',
  needs: ['hunt_process_uptime_seconds'],
  explains: ['overload', ...seenElsewhere],
  page: 'docs/runbooks/partitions-without-owner.md',
  *judge(facts) {
    const evidence = [...evidenceOf(partitionOwners(facts))];
    if (evidence.length === 0) return;
    yield {
      ...{ confidence: 1, where: 'the cluster', evidence },
      helps: 'Start a node with the role processor, and see with hunt cluster status who leads.',
      settings: [],
    };
  },
  whyUnknown(facts) {
    const { all, owned, unseen, isCovered } = partitionOwners(facts);
    if (isCovered || owned >= all) return undefined;
    const names = [...unseen].map(([node, partitions]) => `${node} (${partitions})`);
    const more = names.length > namedMost ? ` and ${names.length - namedMost} more` : '';
    const who =
      names.length > 0
        ? `of ${all} partitions some are to be owned by nodes that were not read: ${names.slice(0, namedMost).join(', ')}${more}`
        : `the nodes that were read own ${owned} of ${all} partitions, and do not tell who is to own the others`;
    return `${who}. Name each node with --target, or all with --cluster.`;
  },
};

function* evidenceOf(owners: PartitionOwners): Iterable<Evidence> {
  const { all, owned, unassigned, notTaken, isCovered } = owners;
  if (isCovered && owned < all) {
    const says = `${owned} of ${all} partitions have an owner`;
    yield { metric: 'hunt_node_partitions', says };
  }
  if (unassigned > 0) {
    const says = `${unassigned} of ${all} partitions are assigned to no node`;
    yield { metric: 'hunt_node_unassigned_partitions', says };
  }
  if (notTaken > 0) {
    const says = `${notTaken} of ${all} partitions are assigned to nodes that answer, and do not own them`;
    yield { metric: 'hunt_node_assigned_partitions', says };
  }
}
