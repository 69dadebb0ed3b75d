import { systemClock, veltrixErrors } from 'veltrix';
import { assertLevel } from 'veltrix/cluster';
import { openZooKeeperMeeting, readZooKeeperPlace } from 'veltrix/zookeeper';
import { readMeetingPlace } from '../cluster/cluster-config.ts';
import type { ClusterOverrides } from '../cluster/cluster-file.ts';
import { assertPlan, releaseLevels } from '../cluster/release-barrier.ts';
import { ClusterControl } from './cluster-control.ts';
import { SettingsControl } from './settings-control.ts';

/** For how long an operator's command waits for one answer of ZooKeeper. */
const answerTimeoutMs = 5_000;

export interface ClusterControlOptions {
  /** The cluster file; only what it says of ZooKeeper and the plan is read. */
  readonly file: string;
  /** What the command line says in place of it. */
  readonly overrides?: ClusterOverrides;
  /** Who asks; kept with each change. */
  readonly by: string;
  /** Whether anything is going to be written: a release that does not know the cluster's level may only look. */
  readonly writes: boolean;
}

/**
 * Joins an operator to a cluster; asks ZooKeeper only. The log's identity is what the nodes wrote there. Rejects with
 * `engine-cluster-config-invalid`, `veltrix-coordination-empty`, `veltrix-coordination-plan-mismatch`,
 * `veltrix-level-unsupported`, `veltrix-coordination-unavailable`, `veltrix-coordination-damaged`,
 * `veltrix-coordination-refused`, `veltrix-coordination-not-zookeeper`. Nothing was written then.
 */
export async function openClusterControl(options: ClusterControlOptions): Promise<ClusterControl> {
  const meeting = await openMeeting(options);
  return new ClusterControl({ ...meeting, by: options.by, answerTimeoutMs, clock: systemClock });
}

/** Joins an operator to the settings of a cluster; as `openClusterControl`. */
export async function openSettingsControl(
  options: ClusterControlOptions,
): Promise<SettingsControl> {
  const { coordinator, config } = await openMeeting(options);
  return new SettingsControl({ coordinator, config, by: options.by });
}

async function openMeeting({ file, overrides, writes }: ClusterControlOptions) {
  const { zookeeper, partitions, dedupeWindow } = await readMeetingPlace(file, overrides);
  const timings = { answerTimeoutMs };
  const content = await readZooKeeperPlace({ ...zookeeper, timings });
  const place = `${zookeeper.connect}${zookeeper.prefix}`;
  const { plan, level } = content;
  if (plan === undefined) throw veltrixErrors.create('veltrix-coordination-empty', { place });
  assertPlan(content, zookeeper, { partitionCount: partitions, dedupeWindow });
  if (writes) assertLevel(level, releaseLevels);
  return { ...openZooKeeperMeeting({ ...zookeeper, plan, timings }), plan, level, place };
}
