import assert from 'node:assert/strict';
import {
  directoryLogMarks,
  type Log,
  type LogIdentity,
  type LogMark,
  type LogMarks,
  refuseMarked,
  type SharedLog,
} from 'veltrix';
import { openEmbeddedLog, openEmbeddedLogReader, openEmbeddedStateStore } from 'veltrix/embedded';
import type { CheckpointStores } from './cluster-place.ts';
import { comparePartition } from './compare-partition.ts';
import { copyPartition, type RecordCounts } from './copy-partition.ts';
import {
  copySecrets,
  identityOf,
  requireFile,
  requireNoOtherSecret,
  secretsOf,
} from './deployment-files.ts';
import { EmbeddedRecords } from './embedded-records.ts';
import {
  checkPlan,
  closeLog,
  countsOf,
  isBetween,
  type MigratedPartition,
  type MigrationOptions,
  type MigrationReport,
  newLogId,
  Progress,
  plannedOf,
  reportOf,
  targetUsed,
} from './migration.ts';
import {
  checkpointDirectory,
  foldEmbedded,
  foldShared,
  keepState,
  sameState,
  stateHash,
} from './partition-state.ts';
import { sharedTarget, targetDisturbed } from './record-target.ts';
import { SharedRecords } from './shared-records.ts';

/**
 * Moves what a data directory holds onto a cluster: both logs of each partition, who people are, and the
 * secret, so that tokens stay good. Holds the lock of the directory meanwhile. What was interrupted goes on
 * where it was when it is called again. At the end both are read, compared and folded; only then may
 * the cluster be served, and the directory no more.
 *
 * Throws, before anything is written: `veltrix-log-missing`, `veltrix-log-locked`, `veltrix-log-damaged`,
 * `veltrix-log-moved`, `engine-migrate-plan-mismatch`, `engine-migrate-target-used`,
 * `engine-migrate-source-shortened`, `engine-migrate-files-missing`, and what the servers refuse. Later:
 * `engine-migrate-target-disturbed`, `engine-migrate-different`, and what passes and is worth another call.
 */
export async function migrateToCluster(options: MigrationOptions): Promise<MigrationReport> {
  const { directory, disk, clock, settings } = options;
  // Finds out that there is no log before anything is made.
  openEmbeddedLogReader(`${directory}/log`, disk);
  const log = openEmbeddedLog({
    ...{ directory: `${directory}/log`, disk, clock },
    newLogId: () => assert.fail('the log is there'),
    segmentBytes: settings.segmentBytes,
    recordMaxBytes: settings.recordMaxBytes,
    inflightMaxBytes: settings.inflightMaxBytes,
  });
  try {
    return await new MigrationToCluster(options, log).run();
  } finally {
    await closeLog(log);
  }
}

class MigrationToCluster {
  readonly #options: MigrationOptions;
  readonly #log: Log;
  readonly #marks: LogMarks;
  readonly #sources: readonly EmbeddedRecords[];
  readonly #progress: Progress;

  constructor(options: MigrationOptions, log: Log) {
    const { directory, disk } = options;
    this.#options = options;
    this.#log = log;
    this.#marks = directoryLogMarks(disk, directory);
    this.#sources = Array.from(
      { length: log.identity.partitionCount },
      (_, partition) => new EmbeddedRecords(log.partition(partition), directory),
    );
    this.#progress = new Progress(options, this.#sources);
  }

  async run(): Promise<MigrationReport> {
    const { cluster, directory, dryRun } = this.#options;
    const { identity } = this.#log;
    checkPlan(identity, cluster);
    const [mark, targetMark] = [await this.#marks.read(), await cluster.marks.read()];
    const isOurs =
      mark?.state === 'moved' && isBetween(targetMark, mark.other.logId, identity.logId);
    if (!isOurs) refuseMarked(this.#marks.place, mark);
    if (isOurs && targetMark?.state === 'open') {
      return this.#report('was-finished', true, targetMark.logId, []);
    }
    const resumed = await this.#checkTarget(targetMark);
    const plan: LogIdentity = { ...identity, logId: targetMark?.logId ?? newLogId() };
    const [people, secrets] = [identityOf(directory), secretsOf(directory)];
    requireFile(people);
    requireFile(secrets.secret);
    for (const source of this.#sources) await source.check();
    if (!resumed) {
      requireNoOtherSecret(secrets, cluster.secrets);
      if (await cluster.people.isUsed(people)) {
        throw targetUsed(cluster.people.place, 'it holds the people of a deployment');
      }
    }
    const nodes = await cluster.nodes(plan);
    if (nodes.length > 0) {
      throw targetUsed(cluster.marks.place, `nodes are running on it: ${nodes.join(', ')}`);
    }
    if (dryRun) return this.#report('planned', resumed, '', plannedOf(this.#sources));
    await cluster.marks.write(this.#markOf('filling', plan.logId));
    // A node that is started by mistake now finds them, and makes no others before it is refused.
    copySecrets(secrets, cluster.secrets);
    const partitions = await this.#fill(plan);
    await cluster.people.fill(people);
    // In this order there is no moment in which both may be served.
    await this.#marks.write({
      ...{ state: 'moved', logId: identity.logId },
      other: { logId: plan.logId, place: cluster.marks.place },
    });
    await cluster.marks.write(this.#markOf('open', plan.logId));
    return this.#report('finished', resumed, plan.logId, partitions);
  }

  /** True when an earlier run of this migration began to fill it. Throws `engine-migrate-target-used`. */
  async #checkTarget(mark: LogMark | undefined): Promise<boolean> {
    const { cluster } = this.#options;
    const { place } = cluster.marks;
    if (mark === undefined) {
      const content = await cluster.content();
      if (content === 'used') throw targetUsed(place, 'they hold a log');
      return false;
    }
    if (mark.state === 'filling' && mark.other.logId === this.#log.identity.logId) return true;
    throw targetUsed(
      place,
      mark.state === 'moved'
        ? `the log in them was moved to ${mark.other.place}`
        : mark.state === 'open'
          ? `they hold a log that came from ${mark.other.place}`
          : `a migration from ${mark.other.place} is filling them`,
    );
  }

  #markOf(state: LogMark['state'], logId: string): LogMark {
    const { identity } = this.#log;
    return { state, logId, other: { logId: identity.logId, place: this.#marks.place } };
  }

  async #fill(plan: LogIdentity): Promise<MigratedPartition[]> {
    const { cluster } = this.#options;
    const target = await cluster.openLog(plan.logId);
    try {
      if (target.identity.logId !== plan.logId) {
        const reason = `another process made log ${target.identity.logId} in them meanwhile`;
        throw targetUsed(cluster.marks.place, reason);
      }
      const present: RecordCounts[] = [];
      for (const [partition, source] of this.#sources.entries()) {
        const copy = sharedTarget(target.partition(partition));
        present.push(
          await copyPartition(source, copy, (records) =>
            this.#progress.add('copy', partition, records),
          ),
        );
      }
      return await this.#compare(target, present);
    } finally {
      await closeLog(target);
    }
  }

  async #compare(
    target: SharedLog,
    present: readonly RecordCounts[],
  ): Promise<MigratedPartition[]> {
    const stores = await this.#options.cluster.openStores(target.identity);
    this.#progress.begin();
    try {
      const compared: MigratedPartition[] = [];
      for (const [partition, source] of this.#sources.entries()) {
        await this.#compareRecords(partition, source, target);
        const stateSha256 = await this.#compareStates(partition, target, stores);
        const counts = { records: countsOf(source), present: present[partition]! };
        compared.push({ partition, ...counts, stateSha256 });
      }
      return compared;
    } finally {
      stores.close();
    }
  }

  async #compareRecords(
    partition: number,
    source: EmbeddedRecords,
    target: SharedLog,
  ): Promise<void> {
    const copy = await SharedRecords.open(target.partition(partition), this.#options.clock);
    for (const stream of ['commands', 'events'] as const) {
      const [end, plainEnd] = [copy.sharedEnds[stream], copy.ends[stream]];
      if (end === plainEnd) continue;
      throw targetDisturbed(partition, stream, `of ${end - 1} records ${plainEnd - 1} count`);
    }
    await comparePartition(partition, source, copy, (records) =>
      this.#progress.add('check', partition, records),
    );
  }

  /** Folds both, and leaves the state as the checkpoint with which the first owner starts. */
  async #compareStates(
    partition: number,
    target: SharedLog,
    stores: CheckpointStores,
  ): Promise<string> {
    const { clock, settings } = this.#options;
    const { tableMaxRows } = settings;
    const expected = this.#sourceState(partition);
    const { identity } = target;
    const state = { identity, tableMaxRows, clock };
    const folded = await foldShared(target.partition(partition), state);
    const found = sameState(partition, expected, folded);
    await keepState(folded, { store: await stores.open(partition), identity, partition, clock });
    return found;
  }

  /** As the engine comes to it when it starts on the directory. */
  #sourceState(partition: number): string {
    const { directory, disk, settings } = this.#options;
    const { identity } = this.#log;
    const store = openEmbeddedStateStore({
      disk,
      directory: checkpointDirectory(directory, partition),
      // Only for writing, which does not happen here.
      fullEvery: 1,
      owner: { logId: identity.logId, partition },
    });
    try {
      const { tableMaxRows } = settings;
      return stateHash(
        foldEmbedded(this.#log.partition(partition), { identity, tableMaxRows, store }),
      );
    } finally {
      store.close();
    }
  }

  #report(
    state: MigrationReport['state'],
    resumed: boolean,
    logId: string,
    partitions: readonly MigratedPartition[],
  ): MigrationReport {
    const [from, to] = [this.#marks.place, this.#options.cluster.marks.place];
    return reportOf({ state, from, to, resumed, logId }, partitions);
  }
}
