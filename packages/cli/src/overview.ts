import { entry, wrap } from './arguments/help.ts';
import { commands } from './commands.ts';

/** Each exit code, and what it means. */
export const exitCodes = [
  [0, 'done'],
  [1, 'what was looked at is wrong, or the server refused it'],
  [2, 'the command line is wrong'],
  [3, 'a load generator that could not keep up: nothing is known of the server'],
  [4, 'there are warnings only'],
  [69, 'the server cannot be reached or did not start'],
  [70, 'a fault in the command itself'],
  [73, 'a file cannot be created, or is there already'],
  [74, 'a file cannot be read, or is damaged'],
  [75, 'not now: try again later'],
  [130, 'interrupted'],
] as const;

/** What `hunt --help` says, or `hunt GROUP --help`. */
export function overview(columns: number, group?: string): string {
  const list = Object.entries(commands)
    .filter(([name]) => group === undefined || name.startsWith(`${group} `))
    .map(([name, { summary }]) => entry(name, `${summary}.`, columns));
  const codes = exitCodes.map(([code, text]) => wrap(`${code}  ${text}`, columns, '      ', '  '));
  const parts = [
    wrap('Treasure hunts for crowds that arrive all at once.', columns),
    `Usage: hunt ${group ?? ''}${group === undefined ? '' : ' '}COMMAND [flags]`,
    list.join('\n'),
    wrap('"hunt COMMAND --help" tells about one command.', columns),
    `Exit codes:\n${codes.join('\n')}`,
  ];
  return `${parts.join('\n\n')}\n`;
}
