import { createPlayerClient, type StandingRow } from '@hunt/sdk';
import { defineCommand } from '../arguments/command.ts';
import { numberFlagOr, requiredTextFlag, switchFlag, textFlag } from '../arguments/flag.ts';
import { exitCode } from '../exit-code.ts';
import { askServer } from '../server-process/asked-server.ts';
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
    const rows = await askServer({ command: 'standings', target, data }, ({ url }) =>
      readAll(url, hunt),
    );
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
