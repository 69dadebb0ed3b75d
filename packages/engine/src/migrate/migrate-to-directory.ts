import {
  directoryLogMarks,
  isUnmarkedAndEmpty,
  type Log,
  type LogIdentity,
  type LogMark,
  makeDirectoryDurably,
  refuseMarked,
  renameDurably,
  type SharedLog,
  veltrixErrors,
} from 'veltrix';
import { openEmbeddedLog, openEmbeddedStateStore } from 'veltrix/embedded';
import { engineErrors } from '../errors.ts';
import { storing } from '../store-failed.ts';
import type { CheckpointStores } from './cluster-place.ts';
import { comparePartition } from './compare-partition.ts';
import { copyPartition, type RecordCounts } from './copy-partition.ts';
import { copySecrets, identityOf, requireFile, secretsOf } from './deployment-files.ts';
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
import { boundsOf } from './read-shared.ts';
import { embeddedTarget } from './record-target.ts';
import { SharedRecords } from './shared-records.ts';

/**
 * Moves what a cluster holds into a new data directory, as if one process had decided it all: without
 * what does not count in a log that is shared. Builds it beside, under the name with `.migrating` at
 * its end, and gives it its name once both were read, compared and folded. What was interrupted goes on
 * where it was when it is called again.
 *
 * Nodes must not run; that none does and nothing came in meanwhile is checked at the end. Throws, before
 * anything is written: `veltrix-log-missing`, `veltrix-log-filling`, `veltrix-log-moved`,
 * `engine-migrate-plan-mismatch`, `engine-migrate-target-used`, `engine-migrate-source-in-use`,
 * `engine-migrate-source-shortened`, `engine-migrate-source-damaged`, `engine-migrate-files-missing`, and
 * what the servers refuse. Later: `engine-migrate-source-in-use`, `engine-migrate-target-disturbed`,
 * `engine-migrate-different`, and what passes and is worth another call.
 */
export async function migrateToDirectory(options: MigrationOptions): Promise<MigrationReport> {
  const { cluster } = options;
  if ((await cluster.content()) !== 'used') {
    throw veltrixErrors.create('veltrix-log-missing', { directory: cluster.marks.place });
  }
  const log = await cluster.openLog(newLogId());
  try {
    return await new MigrationToDirectory(options, log).run();
  } finally {
    await closeLog(log);
  }
}

class MigrationToDirectory {
  readonly #options: MigrationOptions;
  readonly #source: SharedLog;
  /** Where it is built. */
  readonly #draft: string;

  constructor(options: MigrationOptions, source: SharedLog) {
    this.#options = options;
    this.#source = source;
    this.#draft = `${options.directory}.migrating`;
  }

  async run(): Promise<MigrationReport> {
    const { cluster, directory, disk, dryRun } = this.#options;
    const { identity } = this.#source;
    checkPlan(identity, cluster);
    const mark = await cluster.marks.read();
    const draftMark = await directoryLogMarks(disk, this.#draft).read();
    if (mark?.state === 'filling') refuseMarked(cluster.marks.place, mark);
    if (mark?.state === 'moved') {
      const made = await directoryLogMarks(disk, directory).read();
      if (made?.state === 'open' && isBetween(made, mark.other.logId, identity.logId)) {
        return this.#report('was-finished', true, made.logId, []);
      }
      if (!isBetween(draftMark, mark.other.logId, identity.logId)) {
        refuseMarked(cluster.marks.place, mark);
      }
    }
    this.#checkTarget(draftMark);
    const resumed = draftMark !== undefined;
    requireFile(cluster.secrets.secret);
    if (!(await cluster.people.isUsed(identityOf(this.#draft)))) {
      throw engineErrors.create('engine-migrate-files-missing', { file: cluster.people.place });
    }
    await this.#requireNoNodes();
    const sources = await this.#readSources();
    if (dryRun) return this.#report('planned', resumed, '', plannedOf(sources));
    const logId = draftMark?.logId ?? newLogId();
    makeDirectoryDurably(disk, this.#draft);
    const draftMarks = directoryLogMarks(disk, this.#draft);
    if (draftMark?.state !== 'open') await draftMarks.write(this.#markOf('filling', logId));
    const partitions = await this.#fill({ ...identity, logId }, sources);
    copySecrets(cluster.secrets, secretsOf(this.#draft));
    await cluster.people.copyTo(identityOf(this.#draft));
    await this.#leave(sources, logId);
    await draftMarks.write(this.#markOf('open', logId));
    this.#name();
    return this.#report('finished', resumed, logId, partitions);
  }

  /** Throws `engine-migrate-target-used`. */
  #checkTarget(draftMark: LogMark | undefined): void {
    const { directory, disk } = this.#options;
    if (disk.list(directory).length > 0) throw targetUsed(directory, 'it is not empty');
    if (draftMark === undefined) {
      if (isUnmarkedAndEmpty(disk, this.#draft)) return;
      throw targetUsed(this.#draft, 'it is not empty, and no migration has marked it');
    }
    if (draftMark.other.logId === this.#source.identity.logId) return;
    throw targetUsed(this.#draft, `it belongs to a migration from ${draftMark.other.place}`);
  }

  #markOf(state: LogMark['state'], logId: string): LogMark {
    const { identity } = this.#source;
    const { place } = this.#options.cluster.marks;
    return { state, logId, other: { logId: identity.logId, place } };
  }

  async #requireNoNodes(): Promise<void> {
    const nodes = await this.#options.cluster.nodes(this.#source.identity);
    if (nodes.length > 0) throw this.#inUse(`nodes are running on it: ${nodes.join(', ')}`);
  }

  #inUse(reason: string): Error {
    const { place } = this.#options.cluster.marks;
    return engineErrors.create('engine-migrate-source-in-use', { place, reason });
  }

  async #readSources(): Promise<SharedRecords[]> {
    const { clock } = this.#options;
    const sources: SharedRecords[] = [];
    for (let partition = 0; partition < this.#source.identity.partitionCount; partition++) {
      sources.push(await SharedRecords.open(this.#source.partition(partition), clock));
    }
    return sources;
  }

  async #fill(
    identity: LogIdentity,
    sources: readonly SharedRecords[],
  ): Promise<MigratedPartition[]> {
    const { disk, clock, settings } = this.#options;
    const progress = new Progress(this.#options, sources);
    const log = openEmbeddedLog({
      ...{ directory: `${this.#draft}/log`, disk, clock },
      ...{ partitionCount: identity.partitionCount, dedupeWindow: identity.dedupeWindow },
      newLogId: () => identity.logId,
      segmentBytes: settings.segmentBytes,
      recordMaxBytes: settings.recordMaxBytes,
      inflightMaxBytes: settings.inflightMaxBytes,
    });
    try {
      const present: RecordCounts[] = [];
      for (const [partition, source] of sources.entries()) {
        const copy = embeddedTarget(log.partition(partition));
        present.push(
          await copyPartition(source, copy, (records) => progress.add('copy', partition, records)),
        );
      }
      progress.begin();
      return await this.#compare(log, sources, present, progress);
    } finally {
      await closeLog(log);
    }
  }

  async #compare(
    log: Log,
    sources: readonly SharedRecords[],
    present: readonly RecordCounts[],
    progress: Progress,
  ): Promise<MigratedPartition[]> {
    const stores = await this.#options.cluster.openStores(this.#source.identity);
    try {
      const compared: MigratedPartition[] = [];
      for (const [partition, source] of sources.entries()) {
        const copy = new EmbeddedRecords(log.partition(partition), this.#draft);
        await comparePartition(partition, source, copy, (records) =>
          progress.add('check', partition, records),
        );
        const stateSha256 = await this.#compareStates(partition, log, stores);
        const counts = { records: countsOf(source), present: present[partition]! };
        compared.push({ partition, ...counts, stateSha256 });
      }
      return compared;
    } finally {
      stores.close();
    }
  }

  /** Folds both, and leaves the state as the checkpoint with which the engine starts. */
  async #compareStates(partition: number, log: Log, stores: CheckpointStores): Promise<string> {
    const { disk, clock, settings } = this.#options;
    const { tableMaxRows } = settings;
    const expected = await this.#sourceState(partition, stores);
    const { identity } = log;
    const folded = foldEmbedded(log.partition(partition), { identity, tableMaxRows });
    const found = sameState(partition, expected, folded);
    const store = openEmbeddedStateStore({
      ...{ disk, directory: checkpointDirectory(this.#draft, partition), fullEvery: 1 },
      owner: { logId: identity.logId, partition },
    });
    await keepState(folded, { store, identity, partition, clock });
    return found;
  }

  /** As a node comes to it when it becomes the partition's owner. */
  async #sourceState(partition: number, stores: CheckpointStores): Promise<string> {
    const { clock, settings } = this.#options;
    const { identity } = this.#source;
    const store = await stores.open(partition);
    try {
      const { tableMaxRows } = settings;
      const options = { identity, tableMaxRows, store, clock };
      return stateHash(await foldShared(this.#source.partition(partition), options));
    } finally {
      store.close();
    }
  }

  /** From here on no node starts on the cluster; one that did before is seen. */
  async #leave(sources: readonly SharedRecords[], logId: string): Promise<void> {
    const { cluster, directory } = this.#options;
    const { identity } = this.#source;
    const other = { logId, place: directory };
    await cluster.marks.write({ state: 'moved', logId: identity.logId, other });
    try {
      await this.#requireNoNodes();
      await this.#requireNothingNew(sources);
    } catch (error) {
      await cluster.marks.write({ state: 'open', logId: identity.logId, other });
      throw error;
    }
  }

  async #requireNothingNew(sources: readonly SharedRecords[]): Promise<void> {
    for (const [partition, { sharedEnds }] of sources.entries()) {
      for (const stream of ['commands', 'events'] as const) {
        const { end } = await boundsOf(this.#source.partition(partition), stream);
        if (end === sharedEnds[stream]) continue;
        throw this.#inUse(`partition ${partition} has got ${end - sharedEnds[stream]} ${stream}`);
      }
    }
  }

  #name(): void {
    const { directory, disk } = this.#options;
    storing(directory, () => renameDurably(disk, this.#draft, directory));
  }

  #report(
    state: MigrationReport['state'],
    resumed: boolean,
    logId: string,
    partitions: readonly MigratedPartition[],
  ): MigrationReport {
    const { cluster, directory } = this.#options;
    const [from, to] = [cluster.marks.place, directory];
    return reportOf({ state, from, to, resumed, logId }, partitions);
  }
}
