import { defineCommand } from '../arguments/command.ts';
import { choiceFlag, requiredTextFlag } from '../arguments/flag.ts';
import { cliErrors } from '../errors.ts';
import { exitCode } from '../exit-code.ts';
import { csvField } from '../standings/standings-file.ts';
import type { EventRow } from './event-rows.ts';

const bufferLength = 65_536;

const columns = [
  'partition',
  'offset',
  'index',
  'time',
  'commandId',
  'event',
  'version',
  'team',
  'player',
  'item',
  'itemId',
  'detail',
  'value',
] as const satisfies readonly (keyof EventRow)[];

export const exportCommand = defineCommand({
  name: 'export',
  summary: "Writes a hunt's events, oldest first within each partition",
  flags: {
    data: requiredTextFlag(
      'DIR',
      'The data directory. Of an engine that is running, or was killed, the last events may miss.',
    ),
    hunt: requiredTextFlag('ID', 'The hunt.'),
    format: choiceFlag(['csv', 'jsonl'], 'CSV with a header, or an object per line.', 'csv'),
  },
  notes: [
    `Columns: ${columns.join(', ')}.`,
    'Players and teams appear by their opaque ids only.',
    'A damaged log ends it with exit code 1: what was written until then is not all there was.',
  ],
  async run({ flags, terminal }) {
    const { readEventRows } = await import('./event-rows.ts');
    const { NodeDisk } = await import('veltrix');
    const { data, hunt, format } = flags;
    let text = format === 'csv' ? `${columns.join(',')}\n` : '';
    const { found } = await readEventRows(data, new NodeDisk(), hunt, (row) => {
      text += format === 'csv' ? csvLine(row) : `${JSON.stringify(row)}\n`;
      if (text.length < bufferLength) return;
      terminal.out(text);
      text = '';
    });
    if (!found) throw cliErrors.create('cli-hunt-not-found', { directory: data, hunt });
    terminal.out(text);
    return exitCode.ok;
  },
});

function csvLine(row: EventRow): string {
  return `${columns.map((column) => csvField(String(row[column]))).join(',')}\n`;
}
