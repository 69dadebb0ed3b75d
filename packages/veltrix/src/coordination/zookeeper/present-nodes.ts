import { accepting, attempt } from '../tree/tree-attempt.ts';
import { treePaths } from '../tree/tree-place.ts';
import { openZooKeeperPlace, type ZooKeeperOptions } from './zookeeper-coordination.ts';

/**
 * The ids of the nodes whose sessions live, for who is no node himself. Nobody has made the place: none.
 * Makes nothing where nothing is. Rejects with `veltrix-coordination-plan-mismatch`,
 * `veltrix-coordination-unavailable` and the other errors of a coordinator.
 */
export async function readPresentNodes(options: ZooKeeperOptions): Promise<readonly string[]> {
  const { place, tree } = openZooKeeperPlace(options);
  try {
    const isMade = await new Promise<boolean>((resolve, reject) => {
      place.read(treePaths.plan, (error, node) => (error ? reject(error) : resolve(!!node)));
    });
    if (!isMade) return [];
    // Holds the plan that is there against the one that is asked for.
    await new Promise<void>((resolve, reject) => {
      place.prepare((error) => (error ? reject(error) : resolve()));
    });
    return await new Promise((resolve, reject) => {
      const { clock, timings } = place.options;
      const context = { tree, clock, timings, place: place.nameOf(treePaths.members) };
      attempt<readonly string[]>(
        context,
        (answer) =>
          tree.children(
            treePaths.members,
            undefined,
            accepting<readonly string[]>('missing', [], answer),
          ),
        (error, names = []) => (error ? reject(error) : resolve([...names].sort())),
      );
    });
  } finally {
    await new Promise<void>((resolve) => tree.close(resolve));
  }
}
