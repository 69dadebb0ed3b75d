import { defineCommand } from '../arguments/command.ts';
import { requiredTextFlag, switchFlag, textsFlag } from '../arguments/flag.ts';
import { exitCode } from '../exit-code.ts';
import { progressOn } from '../terminal/progress.ts';
import { migrationEnds } from './migration-ends.ts';
import { migrationLines } from './migration-lines.ts';

export const migrateCommand = defineCommand({
  name: 'migrate',
  summary:
    'Moves what a data directory holds onto a cluster, or what a cluster holds into a directory',
  flags: {
    from: requiredTextFlag('DIR|FILE', 'A data directory, or the file of a cluster.'),
    to: requiredTextFlag('FILE|DIR', 'The other of both; a directory is made.'),
    dryRun: switchFlag('Looks at both, says what would be done, and changes nothing.'),
    set: textsFlag('NAME=N', 'A setting, as of "hunt serve"; may be given several times.'),
    json: switchFlag('One JSON object, with every partition.'),
  },
  notes: [
    'Stop the engine, or all nodes, first. Players keep their tokens and standings, organisers their keys.',
    'What is interrupted goes on where it was when the same command is given again. At the end both are read, compared and folded; only then the target may be served, and the source no more.',
    'Run it on a machine that has the directory of secrets; with identity.address in the file, on that of this node.',
  ],
  async run({ flags, terminal }) {
    const ends = migrationEnds(flags.from, flags.to);
    const { processorSettings, readSettings } = await import('@hunt/engine');
    const { migrateToCluster, migrateToDirectory, openKafkaPlace } = await import(
      '@hunt/engine/migrate'
    );
    const { NodeDisk, systemClock } = await import('veltrix');
    const settings = processorSettings(readSettings(flags.set));
    const cluster = await openKafkaPlace(ends.file, settings);
    const progress = progressOn(terminal, flags.json);
    try {
      const migrate = ends.isToCluster ? migrateToCluster : migrateToDirectory;
      const report = await migrate({
        ...{ directory: ends.directory, cluster, settings, dryRun: flags.dryRun },
        ...{ disk: new NodeDisk(), clock: systemClock },
        onProgress: ({ phase, partition, partitions, records, of }) =>
          progress.show(
            `${phase === 'copy' ? 'copying' : 'checking'} ${records} of ${of} records, partition ${partition + 1} of ${partitions}`,
          ),
      });
      progress.clear();
      if (flags.json) terminal.out(`${JSON.stringify(report)}\n`);
      else for (const line of migrationLines(report, ends)) terminal.out(`${line}\n`);
      return exitCode.ok;
    } finally {
      progress.clear();
      cluster.close();
    }
  },
});
