import type { Problem } from '@hunt/rules';
import { defineCommand } from '../arguments/command.ts';
import { switchFlag } from '../arguments/flag.ts';
import { exitCode } from '../exit-code.ts';
import { readText } from '../terminal/files.ts';
import { painter, type Terminal } from '../terminal/terminal.ts';

const excerptWidth = 100;

export const checkCommand = defineCommand({
  name: 'check',
  summary: 'Checks hunt files and says what is wrong, where, and what to do',
  args: { placeholder: 'FILE', text: "The hunts' YAML files.", least: 1 },
  flags: { json: switchFlag('One JSON object: {valid, files: [{file, hunt, problems}]}.') },
  notes: ['Exits with 1 when any file has a problem.'],
  async run({ flags, args, terminal }) {
    const { compileHunt } = await import('@hunt/rules/definition');
    const files = args.map((file) => {
      const source = readText(file);
      const { hunt, problems } = compileHunt(source, file);
      if (!flags.json) show(terminal, file, source, problems);
      return { file, ...(hunt && { hunt: hunt.id, contentHash: hunt.contentHash }), problems };
    });
    const valid = files.every(({ problems }) => problems.length === 0);
    if (flags.json) terminal.out(`${JSON.stringify({ valid, files })}\n`);
    return valid ? exitCode.ok : exitCode.foundWrong;
  },
});

function show(
  terminal: Terminal,
  file: string,
  source: string,
  problems: readonly Problem[],
): void {
  const paint = painter(terminal, 'out');
  const lines = source.split(/\r?\n/);
  for (const { line, column, id, message, hint } of problems) {
    terminal.out(`${file}:${line}:${column} ${paint('red', id)} ${message}\n`);
    terminal.out(excerpt(lines[line - 1] ?? '', line, column, paint));
    terminal.out(`  ${paint('cyan', 'hint:')} ${hint}\n\n`);
  }
  if (problems.length === 0) terminal.out(`${file}: good\n`);
  else terminal.out(`${file}: ${problems.length} problem${problems.length === 1 ? '' : 's'}\n`);
}

/** The line, cut to a window around the column, and a mark below it. */
function excerpt(
  text: string,
  line: number,
  column: number,
  paint: ReturnType<typeof painter>,
): string {
  const from = Math.max(0, Math.min(column - 1 - excerptWidth / 2, text.length - excerptWidth));
  // Control characters could move the cursor; each becomes one column.
  const shown = text.slice(from, from + excerptWidth).replace(/\p{Cc}/gu, ' ');
  const margin = `  ${line} | `;
  const mark = ' '.repeat(margin.length + column - 1 - from);
  return `${paint('dim', margin)}${shown}\n${mark}${paint('yellow', '^')}\n`;
}
