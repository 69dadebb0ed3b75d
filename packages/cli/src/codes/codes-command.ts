import { createOrganiserClient, type OrganiserClient, type ScanCode } from '@hunt/sdk';
import { defineCommand } from '../arguments/command.ts';
import { requiredTextFlag, switchFlag, textFlag } from '../arguments/flag.ts';
import { exitCode } from '../exit-code.ts';
import { type AskedServer, askServer } from '../server-process/asked-server.ts';
import { remoteClient } from '../server-process/remote-server.ts';
import { readText } from '../terminal/files.ts';
import type { Terminal } from '../terminal/terminal.ts';

export const codesCommand = defineCommand({
  name: 'codes',
  summary: 'Lists what the posters of a hunt have as QR codes, a line for each scan step',
  flags: {
    hunt: requiredTextFlag('ID', 'The hunt.'),
    target: textFlag('URL', 'A running server.'),
    data: textFlag('DIR', 'The data directory of an engine that is not running.'),
    json: switchFlag('One JSON object: {hunt, codes: [{step, title, code}]}.'),
  },
  notes: [
    'A running server needs an organiser key in HUNT_ORGANISER_KEY. Whoever has a code can solve its step.',
  ],
  async run({ flags, terminal }) {
    const { hunt, target, data, json } = flags;
    const codes = await askServer({ command: 'codes', target, data }, (server) =>
      organiserOf(server, terminal).scanCodes(hunt),
    );
    terminal.out(json ? `${JSON.stringify({ hunt, codes })}\n` : table(codes));
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
