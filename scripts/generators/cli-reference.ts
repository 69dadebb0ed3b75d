import {
  type Command,
  commands,
  commandUsage,
  exitCodes,
  type FlagTable,
  flagName,
  operandOf,
} from '@hunt/cli/reference';
import type { Generator } from './generator.ts';

const introduction = `# Reference: the \`hunt\` command

What \`npx hunt COMMAND --help\` says of each command, on one page. What a command does in the round, and what its \`--json\` prints, is in [cli.md](cli.md).`;

/** The page of all commands with their flags. */
export const cliReference: Generator = {
  name: 'command reference',
  generate: async () => {
    const loaded = await Promise.all(Object.values(commands).map(({ load }) => load()));
    const codes = exitCodes.map(([code, text]) => `- ${code}: ${text}`);
    const parts = [
      introduction,
      ...loaded.map(commandText),
      ['## Exit codes', '', ...codes].join('\n'),
      'Generated from the tables of the commands by `npm run docs`.',
    ];
    return new Map([['docs/cli-reference.md', `${parts.join('\n\n')}\n`]]);
  },
};

function commandText(command: Command<FlagTable>): string {
  const { name, summary, args, flags, notes = [] } = command;
  const entries = args === undefined ? [] : [`- \`${operandOf(args)}\`: ${plain(args.text)}`];
  for (const [flag, { placeholder, text, fallback, required }] of Object.entries(flags)) {
    const title = [flagName(flag), ...(placeholder === undefined ? [] : [placeholder])].join(' ');
    const facts = [plain(text)];
    if (required) facts.push('Must be given.');
    if (fallback !== undefined) facts.push(`Default: \`${fallback}\`.`);
    entries.push(`- \`${title}\`: ${facts.join(' ')}`);
  }
  const parts = [`## hunt ${name}`, `${plain(summary)}.`, `\`${commandUsage(command)}\``];
  if (entries.length > 0) parts.push(entries.join('\n'));
  return [...parts, ...notes.map(plain)].join('\n\n');
}

/** Help is plain text: what Markdown would take for markup is told that it is none. */
function plain(text: string): string {
  return text.replace(/[\\*_<>[\]|]/g, '\\$&');
}
