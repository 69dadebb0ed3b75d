import type { BackupReport, RestoreReport } from '@hunt/engine/backup';

/** What a person is told about a backup, a line each. */
export function backupLines({ out, askedAt, bytes, partitions, files }: BackupReport): string[] {
  const sum = (name: 'events' | 'commands') =>
    partitions.reduce((total, partition) => total + partition[name], 0);
  const last = partitions.flatMap(({ lastAt }) => lastAt ?? []).sort();
  return [
    `backup   ${out}`,
    `asked at ${askedAt}`,
    ...(last.length > 0 ? [`last     ${last.at(-1)}`] : []),
    `records  ${sum('commands')} of commands, ${sum('events')} of decisions, in ${partitions.length} partition(s)`,
    `size     ${bytes} bytes in ${files.length} files`,
    'It was read back, and folds to the same state. It holds secrets and names of people.',
  ];
}

/** What a person is told about a restore, a line each. */
export function restoreLines({
  from,
  directory,
  partitions,
  peopleLeftOut,
  huntsToPublish,
}: RestoreReport): string[] {
  const lines = [`from     ${from}`, `to       ${directory}`];
  for (const { partition, events, lastAt, leftOut, isAsBackedUp } of partitions) {
    const until = lastAt === undefined ? '' : `, until ${lastAt}`;
    const rest =
      leftOut.events > 0
        ? `; ${leftOut.events} left out`
        : isAsBackedUp
          ? '; the state is that of the backup'
          : '';
    lines.push(`partition ${partition}: ${events} decision records${until}${rest}`);
  }
  const { teams, players } = peopleLeftOut;
  if (teams > 0) {
    lines.push(`${teams} teams and ${players} players came later: they have to join again`);
  }
  for (const hunt of huntsToPublish) {
    lines.push(`Hunt ${hunt} is not on all partitions: publish it again before players come back`);
  }
  return [
    ...lines,
    `Prove it: hunt verify --data ${directory}. Then: hunt serve --data ${directory}`,
  ];
}
