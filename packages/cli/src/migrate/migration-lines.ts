import type { MigrationReport } from '@hunt/engine/migrate';
import type { MigrationEnds } from './migration-ends.ts';

/** What a person is told about a migration, a line each. */
export function migrationLines(
  report: MigrationReport,
  { directory, file, isToCluster }: MigrationEnds,
): string[] {
  const { state, from, to, resumed, partitions, commandRecords, eventRecords } = report;
  const ends = [`from     ${from}`, `to       ${to}`];
  if (state === 'was-finished') return [...ends, 'This was done before; nothing is left to do.'];
  const records = `records  ${commandRecords} of commands, ${eventRecords} of decisions, in ${partitions.length} partition(s)`;
  if (state === 'planned') {
    const next = resumed
      ? 'Goes on with a migration that was interrupted.'
      : 'Would begin anew. Nothing was changed.';
    return [...ends, records, next];
  }
  const present = partitions.reduce(
    (sum, { present: { commands, events } }) => sum + commands + events,
    0,
  );
  const start = isToCluster
    ? `Start the nodes: hunt serve --cluster ${file}. Other machines need the same secret.`
    : `Start the engine: hunt serve --data ${directory}`;
  return [
    ...ends,
    ...(resumed ? [`resumed  ${present} records were there from an earlier run`] : []),
    records,
    `state    ${report.stateSha256}`,
    `Both are the same. ${start}`,
  ];
}
