import { type CodedError, type LogIdentity, veltrixErrors } from 'veltrix';
import {
  assertLevel,
  type ConfigSource,
  clusterLevelKey,
  decodeLevel,
  type LevelRange,
  type PlaceContent,
} from 'veltrix/cluster';
import { readZooKeeperPlace } from 'veltrix/zookeeper';
import type { ClusterConfig, MeetingPlace } from './cluster-config.ts';

/**
 * What this release can work at; see `LevelRange`. Raise `most` with the first release that reads something new, and
 * write it only where the cluster's level has come to that; raise `least` when the old way is no longer known.
 */
export const releaseLevels: LevelRange = { least: 1, most: 2 };

/** From here on command records may have trace contexts, and decisions tell of them. */
export const tracesLevel = 2;

/** How long a node that starts waits for ZooKeeper, which may come later. */
const answerTimeoutMs = 3_000;

/**
 * What the cluster says of itself, held against the node's file and release before the node writes anything. Undefined
 * when ZooKeeper does not answer: then `watchLevel` and joining find out later. Rejects with
 * `veltrix-coordination-plan-mismatch`, `veltrix-level-unsupported`, `veltrix-coordination-damaged`,
 * `veltrix-coordination-refused`, `veltrix-coordination-not-zookeeper`.
 */
export async function checkPlace(
  { zookeeper, partitions, dedupeWindow }: MeetingPlace,
  levels: LevelRange,
  waitsFor: (error: Error) => void,
): Promise<PlaceContent | undefined> {
  let content: PlaceContent;
  try {
    content = await readZooKeeperPlace({ ...zookeeper, timings: { answerTimeoutMs } });
  } catch (error) {
    if ((error as CodedError).id !== 'veltrix-coordination-unavailable') throw error;
    waitsFor(error as Error);
    return undefined;
  }
  assertPlan(content, zookeeper, { partitionCount: partitions, dedupeWindow });
  assertLevel(content.level, levels);
  return content;
}

/** Throws `veltrix-coordination-plan-mismatch` where the cluster has another value than expected. */
export function assertPlan(
  content: PlaceContent | undefined,
  { connect, prefix }: ClusterConfig['zookeeper'],
  expected: Partial<LogIdentity>,
): void {
  if (content?.plan === undefined) return;
  for (const field of ['logId', 'partitionCount', 'dedupeWindow'] as const) {
    const wanted = expected[field];
    const found = content.plan[field];
    if (wanted === undefined || found === wanted) continue;
    const details = { place: `${connect}${prefix}/plan`, field, found, expected: wanted };
    throw veltrixErrors.create('veltrix-coordination-plan-mismatch', details);
  }
}

/** Tells each level that the cluster comes to; calls back with `veltrix-level-unsupported` once the cluster works at a level that this node does not know. */
export function watchLevel(
  config: ConfigSource,
  levels: LevelRange,
  unsupported: (error: Error) => void,
  problem: (error: Error) => void,
  reached: (level: number) => void = () => {},
): void {
  config.watch(clusterLevelKey, {
    changed: (document) => {
      let level: number;
      try {
        level = decodeLevel(document?.value);
      } catch (error) {
        // Somebody edited it: what was there before stands.
        return problem(error as Error);
      }
      try {
        assertLevel(level, levels);
      } catch (error) {
        return unsupported(error as Error);
      }
      reached(level);
    },
    problem,
  });
}
