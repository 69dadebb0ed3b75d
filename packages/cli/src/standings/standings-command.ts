import { existsSync } from 'node:fs';
import { createPlayerClient, type StandingRow } from '@hunt/sdk';
import { veltrixErrors } from 'veltrix';
import { defineCommand } from '../arguments/command.ts';
import { numberFlagOr, requiredTextFlag, switchFlag, textFlag } from '../arguments/flag.ts';
import { cliErrors } from '../errors.ts';
import { exitCode } from '../exit-code.ts';
import { ServerProcess } from '../server-process/server-process.ts';
import { replaceText } from '../terminal/files.ts';
import type { Terminal } from '../terminal/terminal.ts';
import { standingsFile } from './standings-file.ts';

export const standingsCommand = defineCommand({
  name: 'standings',
  summary: "Shows or saves a hunt's standings",
  flags: {
    hunt: requiredTextFlag('ID', 'The hunt.'),
    target: textFlag('URL', 'A running server.'),
    data: textFlag('DIR', 'The data directory of an engine that is not running.'),
    out: textFlag('FILE', 'Writes all teams as CSV: rank,team,points,penaltySeconds.'),
    top: numberFlagOr('N', 'How many teams are shown.', { least: 1, most: 10_000_000 }, 20),
    json: switchFlag('One JSON object, with all teams.'),
  },
  async run({ flags, terminal }) {
    const { target, data, hunt } = flags;
    if ((target === undefined) === (data === undefined)) {
      if (target !== undefined) {
        throw cliErrors.create('cli-flags-conflict', { flag: '--target', other: '--data' });
      }
      const flag = '--target URL or --data DIR';
      throw cliErrors.create('cli-flag-missing', { command: 'standings', flag });
    }
    const rows = data === undefined ? await readAll(target!, hunt) : await readStopped(data, hunt);
    if (flags.out !== undefined) replaceText(flags.out, standingsFile(rows));
    if (flags.json)
      terminal.out(`${JSON.stringify({ hunt, total: rows.length, standings: rows })}\n`);
    else if (flags.out === undefined) show(rows, flags.top, terminal);
    return exitCode.ok;
  },
});

async function readAll(baseUrl: string, hunt: string): Promise<StandingRow[]> {
  const client = createPlayerClient({ baseUrl, hunt, retry: { attemptsMax: 2 } });
  const rows: StandingRow[] = [];
  for await (const row of client.allStandings()) rows.push(row);
  return rows;
}

/** Starts the engine for a moment: it alone knows how to read its data. */
async function readStopped(data: string, hunt: string): Promise<StandingRow[]> {
  if (!existsSync(`${data}/log`)) {
    throw veltrixErrors.create('veltrix-log-missing', { directory: data });
  }
  const server = await ServerProcess.start({ data });
  try {
    return await readAll(server.announcement.url, hunt);
  } finally {
    await server.stop();
  }
}

function show(rows: readonly StandingRow[], top: number, terminal: Terminal): void {
  if (rows.length === 0) {
    terminal.out('No team has joined yet.\n');
    return;
  }
  const columns = ['rank', 'points', 'penalty s'];
  terminal.out(`${columns.map((name) => name.padStart(9)).join(' ')}  team\n`);
  for (const { rank, points, penaltySeconds, name } of rows.slice(0, top)) {
    const numbers = [rank, points, penaltySeconds].map((value) => String(value).padStart(9));
    // A name comes from strangers: nothing of it may reach the terminal as a control sequence.
    terminal.out(`${numbers.join(' ')}  ${name.replace(/\p{Cc}/gu, '\ufffd')}\n`);
  }
  if (rows.length > top) terminal.out(`and ${rows.length - top} more; --top shows them\n`);
}
