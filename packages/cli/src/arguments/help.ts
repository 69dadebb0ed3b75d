import { type Command, type FlagTable, flagName } from './command.ts';

const widest = 80;
const narrowest = 40;

/** The help of one command. One column, so that it reads on a narrow terminal, too. */
export function commandHelp(command: Command<FlagTable>, columns: number): string {
  const { summary, args, flags, notes = [] } = command;
  const usage = `Usage: ${commandUsage(command)}`;
  const parts = [wrap(`${summary}.`, columns), wrap(usage, columns, '    ', '')];
  if (args !== undefined) parts.push(entry(operandOf(args), args.text, columns));
  const entries = Object.entries(flags).map(([flag, { placeholder, text, fallback }]) => {
    const title = [flagName(flag), placeholder].filter((part) => part !== undefined).join(' ');
    return entry(title, fallback === undefined ? text : `${text} Default: ${fallback}`, columns);
  });
  parts.push([...entries, entry('--help', 'This text.', columns)].join('\n'));
  for (const note of notes) parts.push(wrap(note, columns));
  return `${parts.join('\n\n')}\n`;
}

/** The line by which a command is given: what it must have, and that there may be more. */
export function commandUsage({ name, args, flags }: Command<FlagTable>): string {
  const required = Object.entries(flags)
    .filter(([, flag]) => flag.required)
    .map(([flag, { placeholder }]) => `${flagName(flag)} ${placeholder}`);
  const operands = args === undefined ? [] : [operandOf(args)];
  return ['hunt', name, ...required, ...operands, '[flags]'].join(' ');
}

/** What stands without a flag, as it is shown. */
export function operandOf({ placeholder, most }: NonNullable<Command<FlagTable>['args']>): string {
  return most === undefined ? `${placeholder}...` : placeholder;
}

/** A title on its own line and its text below. */
export function entry(title: string, text: string, columns: number): string {
  return `${wrap(title, columns, '    ', '  ')}\n${wrap(text, columns, '      ')}`;
}

/** Breaks a text between words, at 80 columns at most; `first` begins the first line, `indent` the others. */
export function wrap(text: string, columns: number, indent = '', first = indent): string {
  const width = Math.min(widest, Math.max(narrowest, columns));
  const lines: string[] = [];
  let line = first;
  let empty = true;
  for (const word of text.split(' ')) {
    if (!empty && line.length + 1 + word.length > width) {
      lines.push(line);
      line = indent;
      empty = true;
    }
    line += empty ? word : ` ${word}`;
    empty = false;
  }
  return [...lines, line].join('\n');
}
