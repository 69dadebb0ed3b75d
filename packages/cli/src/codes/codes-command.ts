import { createOrganiserClient, type OrganiserClient, type ScanCode } from '@hunt/sdk';
import { defineCommand } from '../arguments/command.ts';
import { requiredTextFlag, switchFlag, textFlag } from '../arguments/flag.ts';
import { exitCode } from '../exit-code.ts';
import { type AskedServer, askServer } from '../server-process/asked-server.ts';
import { remoteClient } from '../server-process/remote-server.ts';
import { readText } from '../terminal/files.ts';
import type { Terminal } from '../terminal/terminal.ts';
import { posterOrder } from './poster-order.ts';

export const codesCommand = defineCommand({
  name: 'codes',
  summary: 'Lists what the posters of a hunt have as QR codes, or makes the posters',
  flags: {
    hunt: requiredTextFlag('ID', 'The hunt.'),
    target: textFlag('URL', 'A running server.'),
    data: textFlag('DIR', 'The data directory of an engine that is not running.'),
    posters: textFlag('FILE', 'Writes an HTML page to print, a poster on each sheet.'),
    svg: textFlag('DIR', "Writes the QR codes alone as SVG, each named by its step's id."),
    link: textFlag(
      'URL',
      'Where players play: QR codes then hold a link that opens the step there.',
    ),
    json: switchFlag('One JSON object: {hunt, codes: [{step, title, code}]}.'),
  },
  notes: [
    'A running server needs an organiser key in HUNT_ORGANISER_KEY. Whoever has a code, or a file with it, can solve its step: files can be read by their owner only, and none is written over another.',
  ],
  async run({ flags, terminal }) {
    const { hunt, target, data, json } = flags;
    const order = posterOrder(flags);
    const { codes, title } = await askServer({ command: 'codes', target, data }, async (server) => {
      const organiser = organiserOf(server, terminal);
      const codes = await organiser.scanCodes(hunt);
      return { codes, title: order === undefined ? '' : (await organiser.hunt(hunt)).title };
    });
    if (order !== undefined) {
      const { makePosters } = await import('./make-posters.ts');
      const said = makePosters(order, { hunt, title, codes });
      if (!json) terminal.err(said);
    } else if (!json) terminal.out(table(codes));
    if (json) terminal.out(`${JSON.stringify({ hunt, codes })}\n`);
    return exitCode.ok;
  },
});

function organiserOf({ url, organiserKeyFile }: AskedServer, { env }: Terminal): OrganiserClient {
  if (organiserKeyFile === undefined) return remoteClient(url, env);
  const key = readText(organiserKeyFile).trim();
  return createOrganiserClient({ baseUrl: url, key, retry: { attemptsMax: 1 } });
}

/** The code first: it has no spaces, so that programs can read it as the first word. */
function table(codes: readonly ScanCode[]): string {
  if (codes.length === 0) return 'No step of this hunt is solved by scanning.\n';
  const width = Math.max(...codes.map(({ code }) => code.length));
  // A title may have line breaks.
  const line = ({ code, title }: ScanCode) =>
    `${code.padEnd(width)}  ${title.replace(/\s+/g, ' ')}\n`;
  return codes.map(line).join('');
}
