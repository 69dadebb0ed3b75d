import { defineCommand } from '../arguments/command.ts';
import { requiredTextFlag, switchFlag } from '../arguments/flag.ts';
import { exitCode } from '../exit-code.ts';
import { progressOn } from '../terminal/progress.ts';
import { painter } from '../terminal/terminal.ts';

export const verifyCommand = defineCommand({
  name: 'verify',
  summary: 'Folds the whole log of a stopped engine again and proves the invariants',
  flags: {
    data: requiredTextFlag('DIR', 'The data directory.'),
    json: switchFlag('One JSON object, with every partition.'),
  },
  notes: [
    'Every command has one decision, and deciding it again gives the same bytes; grants never exceed the stock; no step is scored twice; the checkpoint holds the same state. Nothing is written, but half a record that a crash left at the end of the log is cut off, as at any start.',
    'Exits with 1 on any violation; the first 20 are shown with their offsets.',
  ],
  async run({ flags, terminal }) {
    const { processorSettings } = await import('@hunt/engine');
    const { verifyData } = await import('@hunt/engine/verify');
    const { NodeDisk, systemClock } = await import('veltrix');
    const progress = progressOn(terminal, flags.json);
    const report = await verifyData({
      directory: flags.data,
      disk: new NodeDisk(),
      clock: systemClock,
      tableMaxRows: processorSettings({}).tableMaxRows,
      onProgress: (commands) => progress.show(`${commands} commands`),
    });
    progress.clear();
    if (flags.json) terminal.out(`${JSON.stringify(report)}\n`);
    else {
      const paint = painter(terminal, 'out');
      const { commands, decisions, undecided, violations, stateSha256 } = report;
      const numbers = { commands, decisions, undecided, violations, stateSha256 };
      for (const [name, value] of Object.entries(numbers)) {
        terminal.out(`${name.padEnd(12)} ${value}\n`);
      }
      if (report.takenOver > 0) {
        terminal.out(
          `${report.takenOver} records found no room or a fault, and were not decided again\n`,
        );
      }
      for (const { partition, from } of report.partitions) {
        if (from === 1) continue;
        const text = `partition ${partition} is proven from event ${from} on; what came before is no longer kept`;
        terminal.out(`${text}\n`);
      }
      for (const { partition, offset, invariant, message } of report.firstViolations) {
        const place = `partition ${partition}, event ${offset}`;
        terminal.out(`${paint('red', invariant)} ${place}: ${message}\n`);
      }
    }
    return report.violations === 0 ? exitCode.ok : exitCode.foundWrong;
  },
});
